import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from './loopback.ts';

/** One request as the server got it. */
export type UpstreamCall = {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  /** The body, where it is JSON. */
  body: Record<string, unknown>;
  /** Resolves when its connection, or its answer, has ended. */
  over: Promise<unknown>;
};

/** What one request is answered with. */
export type UpstreamReply = (response: ServerResponse, call: UpstreamCall) => void | Promise<void>;

export type UpstreamServer = {
  /** With `/v1`. */
  url: string;
  calls: UpstreamCall[];
  /** Called when the next request has come. */
  nextCall(): Promise<UpstreamCall>;
  close(): Promise<void>;
};

export const UPSTREAM_MODEL = 'small-1';
export const UPSTREAM_USAGE = {
  prompt_tokens: 50,
  completion_tokens: 9,
  total_tokens: 59,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

export const sendJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): UpstreamReply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const chunkOf = (delta: object, finish_reason: string | null = null) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: UPSTREAM_MODEL,
  choices: [{ index: 0, delta, finish_reason }],
});

export const frame = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

/** A stream of these words, with usage where the request asks for it. */
export const streamWords =
  (...words: string[]): UpstreamReply =>
  (response, { body }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame(chunkOf({ role: 'assistant', content: '' })));
    for (const content of words) response.write(frame(chunkOf({ content })));
    response.write(frame(chunkOf({}, 'stop')));
    const asks = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
    if (asks) response.write(frame({ ...chunkOf({}), choices: [], usage: UPSTREAM_USAGE }));
    response.end('data: [DONE]\n\n');
  };

/** Begins a stream, and then nothing: it stays open, or its connection is cut off. */
export const streamPart =
  (word: string, then: 'hang' | 'cut'): UpstreamReply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frame(chunkOf({ content: word })), () => {
      if (then === 'cut') response.destroy();
    });
  };

export const plainAnswer =
  (content: string): UpstreamReply =>
  (response, call) =>
    sendJson(200, {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: UPSTREAM_MODEL,
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: UPSTREAM_USAGE,
    })(response, call);

const answerByMode: UpstreamReply = (response, call) =>
  (call.body['stream'] === true ? streamWords('Hel', 'lo') : plainAnswer('Hello'))(response, call);

const bodyOf = (raw: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(raw.toString());
  } catch {
    return {};
  }
};

/** An OpenAI-compatible server that lists one model, and gives these replies in order to all else, the last one again and again. */
export const createUpstreamServer = async (...replies: UpstreamReply[]): Promise<UpstreamServer> => {
  const calls: UpstreamCall[] = [];
  const waiting: ((call: UpstreamCall) => void)[] = [];
  const loopback = await listenOnLoopback(async (request, response) => {
    if (request.url === '/v1/models') {
      const data = [{ id: UPSTREAM_MODEL, object: 'model', created: 1, owned_by: 'test' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(JSON.stringify({ object: 'list', data }));
    }
    const raw = await readAll(request).catch(() => Buffer.alloc(0));
    const call: UpstreamCall = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      raw,
      body: bodyOf(raw),
      over: once(response, 'close'),
    };
    const reply = replies[Math.min(calls.length, replies.length - 1)] ?? answerByMode;
    calls.push(call);
    for (const tell of waiting.splice(0)) tell(call);
    await reply(response, call);
  });
  return {
    ...loopback,
    url: `${loopback.url}/v1`,
    calls,
    nextCall: () => new Promise((resolve) => waiting.push(resolve)),
  };
};
