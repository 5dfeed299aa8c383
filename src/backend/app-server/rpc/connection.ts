import type { GatewayError } from '../../../errors.ts';
import type { CallContext } from '../../../gateway/ports.ts';
import { createPace, type Pace } from '../../../pace.ts';
import { createCallRpc } from './call.ts';
import { parseMessage, type RpcErrorObject, type RpcMessage } from './message.ts';
import { createPendingRequests, type PendingRequest, RpcCallError } from './pending.ts';
import type { OpenConnectionSpan, Transport } from './transport.ts';

type ServerRequest = Extract<RpcMessage, { type: 'request' }>;
type Notification = Extract<RpcMessage, { type: 'notification' }>;
type AnswerMessage = Extract<RpcMessage, { type: 'response' | 'error' }>;
export type RpcAnswer = { readonly result: unknown } | { readonly error: RpcErrorObject };

export interface ConnectionHandlers {
  /** Looks at each line before it is parsed; true for one that needs not be. */
  takeLine(line: string): boolean;
  onNotification(notification: Notification, line: string): void;
  /** Every request of the app-server's is answered, or its turn would hang; one that a promise answers, later. */
  onRequest(request: ServerRequest): RpcAnswer | Promise<RpcAnswer>;
  onGarbage(reason: string, bytes: number): void;
  readonly openSpan: OpenConnectionSpan;
}

/** One JSON-RPC connection to an app-server: many calls at once, in both directions. */
export interface RpcConnection {
  /**
   * The one entry point of every call: opens its CLIENT span, puts the trace into the envelope, waits for the answer.
   * Rejects with `RpcError` for an error answer, and with the signal's reason once nobody waits any more. `read` takes the
   * result before anything that stands behind the answer is handled, also when nobody waits any more; `answered` hears in the same
   * way that there is an answer, be it an error.
   */
  callRpc<Result = unknown>(
    context: CallContext | null,
    method: string,
    params: unknown,
    read?: (result: unknown) => Result,
    answered?: () => void,
  ): Promise<Result>;
  notify(method: string, params?: unknown): void;
  /** How many lines have come. */
  readonly heard: number;
  /** Asks for a sign of life, which any line is. Its answer is dropped, and it leaves no span, here or in a backend that heeds the sampling flag. */
  poke(): void;
  receive(line: string): void;
  /** Fails every call that still waits. */
  close(error: GatewayError): void;
}

/** A question that every app-server answers cheaply: an id that is no call's, and a trace that is not sampled. */
const POKE_ID = 'sign-of-life';
const POKE = JSON.stringify({
  id: POKE_ID,
  method: 'thread/loaded/list',
  params: { limit: 1 },
  trace: { traceparent: `00-${'5'.repeat(32)}-${'5'.repeat(16)}-00` },
});

export const createRpcConnection = (
  transport: Transport,
  handlers: ConnectionHandlers,
  pace: Pace = createPace(),
): RpcConnection => {
  const pending = createPendingRequests();
  let closed: GatewayError | null = null;
  let heard = 0;

  /** Finds the call that an answer belongs to, records the answer on its span, and lets it go on. */
  const settle = (answer: AnswerMessage, finish: (request: PendingRequest) => void): void => {
    if (answer.id === POKE_ID) return;
    const { type, ...payload } = answer;
    const request = pending.take(answer.id);
    if (!request) return handlers.onGarbage(`an answer to no request of ours (id ${answer.id})`, 0);
    request.span.event(type === 'error' ? 'rpc_error' : 'rpc_response', { payload });
    finish(request);
  };

  const answerRequest = (request: ServerRequest): void => {
    const send = (answer: RpcAnswer): void =>
      void (closed ?? transport.send(JSON.stringify({ id: request.id, ...answer })));
    const answer = handlers.onRequest(request);
    if (answer instanceof Promise) void answer.then(send);
    else send(answer);
  };

  const dispatch = (message: RpcMessage, line: string): void => {
    switch (message.type) {
      case 'response':
        return settle(message, (request) => request.resolve(message.result));
      case 'error':
        return settle(message, (request) => request.reject(new RpcCallError(request.method, message.error)));
      case 'request':
        return answerRequest(message);
      case 'notification':
        return handlers.onNotification(message, line);
      case 'garbage':
        return handlers.onGarbage(message.reason, Buffer.byteLength(line));
    }
  };

  return {
    callRpc: createCallRpc({ transport, pending, openSpan: handlers.openSpan, closed: () => closed, pace }),
    notify: (method, params) =>
      void transport.send(JSON.stringify(params === undefined ? { method } : { method, params })),
    get heard() {
      return heard;
    },
    poke: () => void (closed ?? transport.send(POKE)),
    receive(line) {
      heard++;
      try {
        if (!handlers.takeLine(line)) dispatch(parseMessage(line), line);
      } catch {
        // Whatever a backend sends, it ends no more than what it was about.
        handlers.onGarbage('a message that cannot be worked on', Buffer.byteLength(line));
      }
    },
    close(error) {
      closed ??= error;
      for (const request of pending.drain()) request.reject(error);
    },
  };
};
