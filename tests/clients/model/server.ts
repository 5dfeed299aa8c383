import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readJson } from '../../support/loopback.ts';
import { type ChatBody, chatAnswer, chatChunks, readChat } from './chat.ts';
import {
  type CompletionsBody,
  completionsAnswer,
  completionsChunks,
  readCompletions,
} from './completions.ts';
import { type ResponsesBody, readResponses, responsesAnswer, responsesEvents } from './responses.ts';
import { type Asked, answerOf, CREATED, type Said } from './script.ts';

export const MODEL = 'scripted-1';

/** An API of the server: how it reads a request, and how it answers. */
type Api = {
  read(body: never): Asked;
  whole(body: never, said: Said, id: string): object;
  stream(body: never, said: Said, id: string): string[];
};

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

const DONE = 'data: [DONE]\n\n';

const APIS = {
  chat: {
    path: '/v1/chat/completions',
    read: (body: ChatBody) => readChat(body),
    whole: (body: ChatBody, said: Said, id: string) => chatAnswer(body, said, id),
    stream: (body: ChatBody, said: Said, id: string) => [...chatChunks(body, said, id).map(data), DONE],
  },
  completions: {
    path: '/v1/completions',
    read: (body: CompletionsBody) => readCompletions(body),
    whole: (body: CompletionsBody, said: Said, id: string) => completionsAnswer(body, said, id),
    stream: (body: CompletionsBody, said: Said, id: string) => [
      ...completionsChunks(body, said, id).map(data),
      DONE,
    ],
  },
  responses: {
    path: '/v1/responses',
    read: (body: ResponsesBody) => readResponses(body),
    whole: (body: ResponsesBody, said: Said, id: string) => responsesAnswer(body, said, id),
    stream: (body: ResponsesBody, said: Said, id: string) =>
      responsesEvents(body, said, id).map((event) => `event: ${event.type}\n${data(event)}`),
  },
} as const;

export type ServedApi = keyof typeof APIS;

const sendJson = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const errorOf = (message: string) => ({
  error: { message, type: 'invalid_request_error', param: null, code: null },
});

/** A model server that speaks these APIs as OpenAI does, whole and streamed, and answers what `model-scripts.ts` says. */
export const startModelServer = async (apis: readonly ServedApi[]) => {
  let answered = 0;

  const answer = (response: ServerResponse, api: Api, body: never): void => {
    const asked = api.read(body);
    const reply = answerOf(asked);
    if (reply.kind === 'error') return sendJson(response, reply.status, reply.body);
    answered += 1;
    const id = String(answered);
    if (!asked.stream) return sendJson(response, 200, api.whole(body, reply.said, id));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of api.stream(body, reply.said, id)) response.write(frame);
    response.end();
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/v1/models') {
      const model = { id: MODEL, object: 'model', created: CREATED, owned_by: 'test' };
      return sendJson(response, 200, { object: 'list', data: [model] });
    }
    const name = apis.find((api) => APIS[api].path === request.url);
    if (name === undefined) return sendJson(response, 404, errorOf(`there is no ${request.url} here`));
    answer(response, APIS[name], (await readJson(request)) as never);
  };

  const { url, close } = await listenOnLoopback((request, response) => {
    // A body that this server cannot read fails one cell of the page, not the run.
    serve(request, response).catch((thrown) => sendJson(response, 400, errorOf(String(thrown))));
  });
  return { url: `${url}/v1`, close };
};
