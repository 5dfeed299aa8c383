import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { listenOnLoopback, readJson } from '../support/loopback.ts';
import type { Json } from './support.ts';

export type ChatCall = { path: string; headers: IncomingHttpHeaders; body: Json; left: Promise<void> };
export type ChatReply = (response: ServerResponse) => void;

/** An OpenAI-compatible chat completions server that gives the replies in order, the last one again and again. */
export const createChatServer = async (...replies: [ChatReply, ...ChatReply[]]) => {
  const calls: ChatCall[] = [];
  const loopback = await listenOnLoopback(async (request, response) => {
    const left = new Promise<void>((resolve) => response.once('close', resolve));
    const body = (await readJson(request)) as Json;
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? replies[0];
    calls.push({ path: request.url ?? '', headers: request.headers, body, left });
    reply(response);
  });
  return { ...loopback, calls, args: ['--model-url', `${loopback.url}/v1`, '--model', 'small-1'] };
};

const begin = (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' });
const send = (response: ServerResponse, chunk: unknown) =>
  void response.write(`data: ${JSON.stringify(chunk)}\n\n`);
const delta = (fields: Json, finish_reason: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason }],
});

export const USAGE = {
  prompt_tokens: 50,
  completion_tokens: 9,
  total_tokens: 59,
  prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 6 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

/** A whole stream of these deltas. */
export const streamOf =
  (deltas: readonly Json[], finish = 'stop'): ChatReply =>
  (response) => {
    begin(response);
    for (const fields of deltas) send(response, delta(fields));
    send(response, delta({}, finish));
    send(response, { choices: [], usage: USAGE });
    response.end('data: [DONE]\n\n');
  };

/** The words, and then nothing: the connection stays open, or breaks off. */
export const partOf =
  (words: readonly string[], then: 'hang' | 'cut'): ChatReply =>
  (response) => {
    begin(response);
    for (const content of words) send(response, delta({ content }));
    if (then === 'cut') setImmediate(() => response.destroy());
  };

export const failWith =
  (status: number, error: Json): ChatReply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error }));
  };
