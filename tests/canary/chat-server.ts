import type { ServerResponse } from 'node:http';
import { listenOnLoopback, readJson } from '../support/loopback.ts';
import type { Ending } from './backends.ts';

/** An OpenAI-compatible chat server, which ends its next answer as it was told. */
export interface ChatServer {
  readonly url: string;
  readonly model: string;
  prepare(ending: Ending): void;
  close(): Promise<void>;
}

const MODEL = 'canary-model';
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

const sendError = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: 'invalid_prompt' } }));
};

const answer = (response: ServerResponse, ending: Ending): void => {
  if (ending.do === 'refuse') return sendError(response, ending.status, ending.message);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const say = (chunk: object): void => void response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const delta = (part: object): void => say({ choices: [{ delta: part }] });
  const pieces = 'pieces' in ending ? ending.pieces : [];
  for (const piece of pieces)
    delta(ending.do === 'think' ? { reasoning_content: piece } : { content: piece });
  if (ending.do === 'tool') {
    const { name, arguments: given } = ending;
    delta({ tool_calls: [{ index: 0, id: `call_of_${name}`, function: { name, arguments: given } }] });
  }
  if (ending.do === 'stall') return;
  if (ending.do === 'fail') say({ error: { message: ending.message, code: 'bad' } });
  else say({ choices: [{ delta: {}, finish_reason: ending.do === 'tool' ? 'tool_calls' : 'stop' }] });
  say({ choices: [], usage: USAGE });
  response.end('data: [DONE]\n\n');
};

export const createChatServer = async (): Promise<ChatServer> => {
  let next: Ending = { do: 'answer', pieces: ['nothing'] };
  const { url, close } = await listenOnLoopback((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify({ data: [{ id: MODEL }] }));
      return;
    }
    readJson(request).then(
      () => answer(response, next),
      () => response.destroy(),
    );
  });
  return {
    url,
    model: MODEL,
    prepare(ending) {
      next = ending;
    },
    close,
  };
};
