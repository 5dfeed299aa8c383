import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from '../support/loopback.ts';
import { sendJson, UPSTREAM_MODEL, type UpstreamCall } from '../support/upstream-server.ts';
import { createWaiters } from '../support/wait-until.ts';
import type { TurnEnd } from './turn.ts';

/** One sending of a request, as the server saw it. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  isRead: boolean;
  isOver: boolean;
}

/** What one request is answered with; `isReused`: its connection had brought a request before. */
export type ExitReply = (
  response: ServerResponse,
  call: UpstreamCall & { readonly isReused: boolean },
) => void | Promise<void>;

/**
 * Replies by the word in double brackets that stands in the request: one in the path is obeyed before the body is read. Connections are kept
 * for those whose word begins with `kept`.
 */
export type Replies = Readonly<Record<string, ExitReply>>;

/** An OpenAI-compatible server, told by each request what to do, which knows how each of them ended for it. */
export interface ExitUpstream {
  /** With `/v1`. */
  readonly url: string;
  /** Resolves once all of the request has come. */
  read(reqId: string): Promise<unknown>;
  /** Resolves once its head has come. */
  reached(reqId: string): Promise<unknown>;
  /** How often a request came. */
  count(reqId: string): number;
  endOf(reqId: string): Promise<TurnEnd>;
  close(): Promise<void>;
}

const REFUSED_FROM = 400;

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const parsed = (raw: Buffer): Record<string, unknown> => {
  try {
    return JSON.parse(raw.toString());
  } catch {
    return {};
  }
};

const wordIn = (text: string): string | undefined => /\[\[([\w-]+)\]\]/.exec(text)?.[1];

const endOfOne = ({ response, isOver }: Asked): TurnEnd => {
  if (!isOver) return 'left running';
  if (response.writableFinished) return response.statusCode >= REFUSED_FROM ? 'refused' : 'completed';
  return response.errored ? 'stopped by itself' : 'interrupted';
};

const MODELS = JSON.stringify({
  object: 'list',
  data: [{ id: UPSTREAM_MODEL, object: 'model', created: 1, owned_by: 'test' }],
});

/** Breaks an answer off, as a server does that fails. */
export const breakOff = (response: ServerResponse): void =>
  void response.destroy(new Error('the server fails'));

/** The requests that came, by their ids. */
const createAsked = () => {
  const asked = new Map<string, Asked[]>();
  const waiters = createWaiters();
  const of = (reqId: string): readonly Asked[] => asked.get(reqId) ?? [];
  return {
    of,
    note(request: IncomingMessage, response: ServerResponse) {
      const one: Asked = { request, response, isRead: false, isOver: false };
      const reqId = String(request.headers['x-request-id']);
      asked.set(reqId, [...of(reqId), one]);
      response.on('error', () => undefined);
      response.on('close', () => {
        one.isOver = true;
        waiters.notify();
      });
      waiters.notify();
      return {
        read(): void {
          one.isRead = true;
          waiters.notify();
        },
      };
    },
    until: (reqId: string, fits: (one: Asked) => boolean): Promise<unknown> =>
      waiters.until(
        () => of(reqId).some(fits),
        () => `the request ${reqId}`,
      ),
  };
};

export const createExitUpstream = async (replies: Replies): Promise<ExitUpstream> => {
  const known = new WeakSet<object>();
  const asked = createAsked();

  const loopback = await listenOnLoopback(async (request, response) => {
    const { headers, method = '', url: path = '', socket } = request;
    const isReused = known.has(socket);
    known.add(socket);
    response.shouldKeepAlive = false;
    if (path === '/v1/models')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(MODELS);
    const { read } = asked.note(request, response);
    const call = { method, path, headers, over: once(response, 'close'), isReused };
    const early = replies[wordIn(decodeURIComponent(path)) ?? ''];
    if (early) return early(response, { ...call, raw: Buffer.alloc(0), body: {} });
    const raw = await readAll(request).catch(() => null);
    if (raw === null) return;
    read();
    const word = wordIn(raw.toString('latin1')) ?? '';
    response.shouldKeepAlive = word.startsWith('kept');
    const reply = replies[word] ?? sendJson(500, `no reply for '${word}'`);
    await reply(response, { ...call, raw, body: parsed(raw) });
  });

  return {
    url: `${loopback.url}/v1`,
    read: (reqId) => asked.until(reqId, ({ isRead }) => isRead),
    reached: (reqId) => asked.until(reqId, () => true),
    count: (reqId) => asked.of(reqId).length,
    async endOf(reqId) {
      const last = asked.of(reqId).at(-1);
      if (!last) return 'none';
      // Who reads nothing does not notice that a connection was closed.
      last.request.resume();
      await asked.until(reqId, (one) => one === last && one.isOver).catch(() => undefined);
      return endOfOne(last);
    },
    close: loopback.close,
  };
};
