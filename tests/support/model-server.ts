import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listenOnLoopback, readJson } from './loopback.ts';
import { type ModelRequestBody, scriptedReply } from './model-request.ts';
import type { Reply } from './model-scripts.ts';
import { responseStream } from './model-sse.ts';
import { createWaiters } from './wait-until.ts';

export type ModelCall = {
  at: number;
  headers: IncomingHttpHeaders;
  body: ModelRequestBody;
  /** `left` means that the caller closed the socket before the answer's end. */
  ended: 'open' | 'answered' | 'cut' | 'left';
};

export type ModelServer = {
  /** Without a path; a Codex provider's `base_url` is this plus `/v1`. */
  url: string;
  calls: readonly ModelCall[];
  /** Replies for the next calls, before any marker is looked at. */
  enqueue(...replies: Reply[]): void;
  waitForCall(find: (call: ModelCall) => boolean): Promise<ModelCall>;
  /** Forgets the calls and the queued replies. */
  reset(): void;
  close(): Promise<void>;
};

/** A model server that speaks the OpenAI Responses API, streamed, as Codex calls it. See `model-scripts.ts` for what it can say. */
export async function createModelServer({ port = 0 }: { port?: number } = {}): Promise<ModelServer> {
  const calls: ModelCall[] = [];
  const queue: Reply[] = [];
  const waiters = createWaiters();
  let answered = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url?.startsWith('/v1/models')) {
      sendJson(response, 200, {
        object: 'list',
        data: [{ id: 'mock-model', object: 'model', owned_by: 'mock' }],
      });
      return;
    }
    if (request.method !== 'POST' || request.url !== '/v1/responses') {
      sendJson(response, 404, wireError('not_found', `${request.method} ${request.url}`));
      return;
    }
    const body = (await readJson(request)) as ModelRequestBody;
    const call: ModelCall = { at: Date.now(), headers: request.headers, body, ended: 'open' };
    calls.push(call);
    response.once('close', () => {
      if (call.ended === 'open') call.ended = response.writableFinished ? 'answered' : 'left';
      waiters.notify();
    });
    waiters.notify();
    answered += 1;
    await answer(response, call, queue.shift() ?? scriptedReply(body), `resp_${answered}`);
  }

  const loopback = await listenOnLoopback((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 400, wireError('bad_request', String(error)));
    });
  }, port);

  return {
    url: loopback.url,
    calls,
    enqueue(...replies) {
      queue.push(...replies);
    },
    waitForCall: (find) =>
      waiters.until(
        () => calls.find(find),
        () => `a model call (${calls.length} came)`,
      ),
    reset() {
      calls.length = 0;
      queue.length = 0;
    },
    close: loopback.close,
  };
}

async function answer(
  response: ServerResponse,
  call: ModelCall,
  reply: Reply,
  responseId: string,
): Promise<void> {
  if ('status' in reply) {
    sendJson(response, reply.status, wireError(reply.code, reply.message), reply.headers);
    return;
  }
  const offered = new Set((call.body.tools ?? []).map((tool) => tool.name ?? tool.type));
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': responseId });
  for (const action of responseStream(responseId, reply, offered)) {
    if (response.destroyed || action === 'hang') return;
    if (action === 'drop') {
      call.ended = 'cut';
      response.destroy();
      return;
    }
    await write(response, `event: ${action.event.type}\ndata: ${JSON.stringify(action.event)}\n\n`);
    if (action.isDelta && reply.deltaDelayMs !== undefined) await pause(reply.deltaDelayMs);
  }
  response.end();
}

/** Resolves when the kernel has it, so that a cut comes after what was written; also when the caller is gone. */
const write = (response: ServerResponse, text: string) =>
  new Promise<void>((resolve) => response.write(text, () => resolve()));

const wireError = (code: string, message: string) => ({ error: { message, type: code, param: null, code } });

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
