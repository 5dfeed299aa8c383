import type { Dispatcher } from 'undici';
import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { RelayBody } from '../../../gateway/relay.ts';
import type { Timers } from '../../../later.ts';
import { createByteQueue } from './byte-queue.ts';
import { startDeadlines } from './call-deadlines.ts';
import { createCallHandler } from './call-handler.ts';
import type { Connections } from './connections.ts';
import { type SentBody, sendBody } from './request-body.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RelayBody;
}

export interface UpstreamHead {
  readonly type: 'head';
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Can be read once; leaving the loop early cuts the connection. Throws a `GatewayError` if the answer is cut. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Why there is no answer. `again`: whether the request may be sent again: after a wait, or at once on a new connection. */
export interface UpstreamFailure {
  readonly type: 'failed';
  readonly error: GatewayError;
  readonly again: 'later' | 'fresh' | 'never';
}

/** The times of a request so far. */
export interface CallFacts {
  readonly startedNs: bigint;
  /** When the whole request had been sent, by the span's clock; null until then. */
  sentNs: bigint | null;
  /** How long it waited for a connection, in milliseconds; 0 if one was open. */
  connectMs: number;
}

/** A request that is under way. */
export interface UpstreamCall extends Readonly<CallFacts> {
  /** Never rejects. */
  readonly head: Promise<UpstreamHead | UpstreamFailure>;
  /** Whether a part of the body has been read that cannot be read again. */
  isSpent(): boolean;
  /** Ends the call in any stage. Does nothing if the call is over. */
  cut(error: GatewayError): void;
}

export interface UpstreamCallDeps {
  /** The server's name in the configuration. */
  readonly backend: string;
  readonly connections: Connections;
  readonly timeouts: HttpBackendSettings['timeouts'];
  readonly timers: Timers;
  /** Nanoseconds since the epoch. */
  readonly now: () => bigint;
}

interface UpstreamCallOptions {
  readonly signal: AbortSignal;
  /** Whether to open a new connection. */
  readonly fresh: boolean;
}

/** The error for the sender of a body that the server did not read to its end. */
const ANSWERED = new GatewayError(
  'backend_error',
  'The backend answered before it had read all of the request.',
);
const LEFT = new GatewayError('client_disconnected', 'Nobody reads the answer any more.');

/** The cast: undici accepts an async iterable, but its types do not say so. */
const toDispatch = (
  { method, path, headers }: UpstreamRequest,
  { body, size }: SentBody,
): Dispatcher.DispatchOptions => ({
  method,
  path,
  headers: size === null ? headers : { ...headers, 'content-length': String(size) },
  body: body as Uint8Array | null,
});

/** Sends a request once. */
export const startCall = (
  deps: UpstreamCallDeps,
  request: UpstreamRequest,
  { signal, fresh }: UpstreamCallOptions,
): UpstreamCall => {
  const { promise: head, resolve } = Promise.withResolvers<UpstreamHead | UpstreamFailure>();
  const body = sendBody(request.body, {
    waitsForPiece: () => deadlines.waitsForPiece(),
    hasPiece: () => deadlines.hasPiece(),
  });
  const facts: CallFacts = { startedNs: deps.now(), sentNs: null, connectMs: 0 };
  let controller: Dispatcher.DispatchController | null = null;
  let ending: GatewayError | 'complete' | null = null;

  const settle = (how: GatewayError | 'complete'): void => {
    ending = how;
    deadlines.stop();
    signal.removeEventListener('abort', leave);
    body.drop(how === 'complete' ? ANSWERED : how);
  };
  const fail = (error: GatewayError, again: UpstreamFailure['again']): void => {
    if (ending) return;
    settle(error);
    resolve({ type: 'failed', error, again });
    queue.fail(error);
  };
  const cut = (error: GatewayError, again: UpstreamFailure['again'] = 'never'): void => {
    fail(error, again);
    controller?.abort(error);
  };
  const leave = (): void => cut(toGatewayError(signal.reason));

  const deadlines = startDeadlines({
    ...deps,
    // Without a connection nothing was sent, so a retry is safe.
    onLate: (error) => cut(error, controller ? 'never' : 'later'),
  });
  const queue = createByteQueue({
    pause() {
      if (ending) return;
      controller?.pause();
      deadlines.hold();
    },
    resume() {
      if (ending) return;
      deadlines.goOn();
      controller?.resume();
    },
    leave: () => cut(LEFT),
  });
  const handler = createCallHandler(deps, {
    facts,
    deadlines,
    queue,
    isOver: () => ending !== null,
    onStart(given) {
      controller = given;
      // A call that ended while it waited for a connection can be aborted only now.
      if (ending) given.abort(ending === 'complete' ? ANSWERED : ending);
    },
    onHead: resolve,
    onEnd: () => settle('complete'),
    fail,
  });

  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  else deps.connections.send(toDispatch(request, body), handler, fresh);
  return Object.assign(facts, { head, isSpent: body.isSpent, cut: (error: GatewayError) => cut(error) });
};
