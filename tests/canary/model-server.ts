import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../support/loopback.ts';
import type { Ending } from './backends.ts';
import { type AnswerApi, CANARY_MODEL, type RawReply, replyOf } from './model-endings.ts';

/** An OpenAI-compatible server with all APIs, which ends each answer as the prompt's reference to an ending says. */
export interface CanaryServer {
  readonly url: string;
  /** Text that makes the answer of the request that has it end like that. */
  prepare(ending: Ending | RawReply): string;
  /** Cuts all connections off, and takes no new ones. */
  exit(): Promise<void>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

const REFERENCE = /ending-(\d+)-end/g;
const PLAIN: Ending = { do: 'answer', pieces: ['nothing'] };

const readAll = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
};

const apiOf = (path: string): AnswerApi => {
  if (path.includes('/responses')) return 'responses';
  return /\/v1\/completions/.test(path) ? 'completions' : 'chat';
};

const send = async (response: ServerResponse, reply: RawReply): Promise<void> => {
  response.writeHead(reply.status, reply.headers as Record<string, string | string[]>);
  for (const piece of reply.pieces) response.write(piece);
  if (!reply.stalls) response.end();
};

/** `list` is what it answers when it is asked for its models. */
export const createCanaryServer = async (
  list: object = { object: 'list', data: [{ id: CANARY_MODEL, object: 'model' }] },
): Promise<CanaryServer> => {
  const endings: (Ending | RawReply)[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const text = path + (await readAll(request));
    const number = [...text.matchAll(REFERENCE)].at(-1)?.[1];
    const ending = (number === undefined ? undefined : endings[Number(number)]) ?? PLAIN;
    if (number === undefined && path.endsWith('/models')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(list));
      return;
    }
    const stream = /"stream":\s*true/.test(text);
    await send(response, 'do' in ending ? replyOf(ending, apiOf(path), stream) : ending);
  };
  const listen = (port = 0) =>
    listenOnLoopback((request, response) => {
      answer(request, response).catch(() => response.destroy());
    }, port);
  let server = await listen();
  const { url } = server;
  return {
    url: `${url}/v1`,
    prepare: (ending) => `ending-${endings.push(ending) - 1}-end`,
    exit: () => server.close(),
    async restart() {
      server = await listen(Number(new URL(url).port));
    },
    close: () => server.close(),
  };
};
