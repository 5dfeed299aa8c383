import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BENCH_MODEL, plainAnswer, streamedAnswer } from '../answers.ts';
import { serveOnLoopback } from './serve.ts';

/** The model server: fixed answers, no pauses; each chunk in a turn of the event loop of its own, as from a model. */

const ENDS = 600;
const SSE = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const JSON_TYPE = { 'content-type': 'application/json' };

const plain = new Map<number, string>();
const streamed = new Map<number, Buffer<ArrayBuffer>[]>();
const quiet = new Set<ServerResponse>();

const plainOf = (words: number): string => {
  const known = plain.get(words) ?? plainAnswer(words);
  plain.set(words, known);
  return known;
};

const framesOf = (words: number): Buffer<ArrayBuffer>[] => {
  const known = streamed.get(words) ?? streamedAnswer(words).map((text) => Buffer.from(text));
  streamed.set(words, known);
  return known;
};

/** Beginning and end of a body: all that decides the answer is there, however long the prompt is. */
const readEnds = (request: IncomingMessage, done: (ends: string) => void): void => {
  let head = '';
  let tail: Buffer = Buffer.alloc(0);
  request.on('data', (bytes: Buffer) => {
    if (head === '') head = bytes.toString('latin1', 0, ENDS);
    tail = bytes.length >= ENDS ? bytes.subarray(-ENDS) : Buffer.concat([tail, bytes]).subarray(-ENDS);
  });
  request.on('end', () => done(`${head}\n${tail.toString('latin1')}`));
};

const sendFrames = (response: ServerResponse, frames: readonly Buffer[], from = 0): void => {
  let next = from;
  const send = (): void => {
    if (response.destroyed) return;
    const frame = frames[next++];
    if (frame === undefined) return void response.end();
    if (response.write(frame)) setImmediate(send);
    else response.once('drain', send);
  };
  send();
};

const sendQuiet = (response: ServerResponse): void => {
  const [first] = framesOf(8);
  response.write(first);
  quiet.add(response);
  response.on('close', () => quiet.delete(response));
};

const answer = (response: ServerResponse, ends: string): void => {
  const words = Number(/\/long (\d+)/.exec(ends)?.[1] ?? 8);
  if (!/"stream":\s*true/.test(ends)) {
    const body = plainOf(words);
    return void response.writeHead(200, { ...JSON_TYPE, 'content-length': body.length }).end(body);
  }
  response.writeHead(200, SSE);
  response.flushHeaders();
  if (ends.includes('/quiet')) sendQuiet(response);
  else sendFrames(response, framesOf(words));
};

const release = (response: ServerResponse): void => {
  for (const each of quiet) sendFrames(each, framesOf(8), 1);
  response.end(String(quiet.size));
};

const models = (response: ServerResponse): void => {
  const data = [{ id: BENCH_MODEL, object: 'model', created: 1, owned_by: 'bench' }];
  response.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'list', data }));
};

const server = createServer((request, response) => {
  if (request.method === 'GET') return models(response);
  if (request.url === '/release') return release(response);
  readEnds(request, (ends) => answer(response, ends));
});
server.keepAliveTimeout = 60_000;
serveOnLoopback(server);
