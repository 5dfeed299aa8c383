import { GatewayError } from '../../../errors.ts';
import type { CallContext, TraceSpan } from '../../../gateway/ports.ts';
import {
  ATTR_JSONRPC_REQUEST_ID,
  ATTR_NETWORK_TRANSPORT,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  RPC_SYSTEM_NAME_VALUE_JSONRPC,
} from '../../../telemetry/semconv.ts';
import { parseMessage, type RpcErrorObject, type RpcMessage } from './message.ts';
import { createPendingRequests, type PendingRequest, RpcError } from './pending.ts';

/** Whatever carries the lines: a child's pipes, a websocket. */
export interface Transport {
  /** For `network.transport`. */
  readonly kind: 'pipe' | 'tcp';
  /** False when the line cannot be taken: gone, or too much waits already. */
  send(line: string): boolean;
}

type ServerRequest = Extract<RpcMessage, { type: 'request' }>;
type Notification = Extract<RpcMessage, { type: 'notification' }>;
export type RpcAnswer = { readonly result: unknown } | { readonly error: RpcErrorObject };

export interface ConnectionHandlers {
  onNotification(notification: Notification): void;
  /** Every request of the app-server's is answered, or its turn would hang. */
  onRequest(request: ServerRequest): RpcAnswer;
  onGarbage(reason: string, bytes: number): void;
  /** Opens the span of a call that is made for no request. */
  openSpan(method: string, attributes: Record<string, string>): TraceSpan;
}

/** One JSON-RPC connection to an app-server: many calls at once, in both directions. */
export interface RpcConnection {
  /**
   * The one entry point of every call: opens its CLIENT span, puts the trace into the envelope, waits for the answer.
   * Rejects with `RpcError` for an error answer, and with the signal's reason once nobody waits any more.
   */
  callRpc(context: CallContext | null, method: string, params: unknown): Promise<unknown>;
  notify(method: string, params?: unknown): void;
  receive(line: string): void;
  /** Fails every call that still waits. */
  close(error: GatewayError): void;
}

export const createRpcConnection = (transport: Transport, handlers: ConnectionHandlers): RpcConnection => {
  const pending = createPendingRequests();
  let closed: GatewayError | null = null;

  const openSpan = (context: CallContext | null, method: string): TraceSpan => {
    const attributes = {
      [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_NAME_VALUE_JSONRPC,
      [ATTR_RPC_METHOD]: method,
      [ATTR_NETWORK_TRANSPORT]: transport.kind,
    };
    return context ? context.span.child(method, 'CLIENT', attributes) : handlers.openSpan(method, attributes);
  };

  const send = (request: PendingRequest, params: unknown): void => {
    const id = pending.add(request);
    const envelope = { id, method: request.method, params, trace: request.span.carrier() };
    request.span.set({ [ATTR_JSONRPC_REQUEST_ID]: String(id) });
    request.span.event('rpc_request', { payload: envelope });
    if (transport.send(JSON.stringify(envelope))) return;
    pending.take(id);
    request.reject(
      closed ?? new GatewayError('backend_overloaded', 'The backend does not take any more input.'),
    );
  };

  const settle = (
    id: string | number,
    finish: (request: PendingRequest) => void,
    payload: unknown,
    kind: 'rpc_response' | 'rpc_error',
  ): void => {
    const request = pending.take(id);
    if (!request) return handlers.onGarbage(`an answer to no request of ours (id ${id})`, 0);
    request.span.event(kind, { payload });
    finish(request);
  };

  const answer = (request: ServerRequest): void => {
    transport.send(JSON.stringify({ id: request.id, ...handlers.onRequest(request) }));
  };

  const callRpc = (context: CallContext | null, method: string, params: unknown): Promise<unknown> => {
    const span = openSpan(context, method);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const giveUp = (): void => reject(context?.signal.reason);
    context?.signal.addEventListener('abort', giveUp, { once: true });
    if (closed) reject(closed);
    else if (context?.signal.aborted) giveUp();
    else send({ method, span, resolve, reject }, params);
    return promise
      .catch((thrown: unknown) => failCall(span, thrown))
      .finally(() => {
        context?.signal.removeEventListener('abort', giveUp);
        span.end();
      });
  };

  return {
    callRpc,
    notify: (method, params) =>
      void transport.send(JSON.stringify(params === undefined ? { method } : { method, params })),
    receive(line) {
      const message = parseMessage(line);
      switch (message.type) {
        case 'response':
          return settle(
            message.id,
            (request) => request.resolve(message.result),
            { id: message.id, result: message.result },
            'rpc_response',
          );
        case 'error':
          return settle(
            message.id,
            (request) => request.reject(new RpcError(request.method, message.error)),
            { id: message.id, error: message.error },
            'rpc_error',
          );
        case 'request':
          return answer(message);
        case 'notification':
          return handlers.onNotification(message);
        case 'garbage':
          return handlers.onGarbage(message.reason, Buffer.byteLength(line));
      }
    },
    close(error) {
      closed ??= error;
      for (const request of pending.drain()) request.reject(error);
    },
  };
};

/** What went wrong stands on the call's span; then it goes on to the caller. */
const failCall = (span: TraceSpan, thrown: unknown): never => {
  if (thrown instanceof RpcError) {
    span.set({ [ATTR_RPC_STATUS_CODE]: String(thrown.code) });
    span.fail(String(thrown.code), thrown.message);
  } else if (thrown instanceof GatewayError && thrown.outcome !== 'client_disconnect') {
    span.fail(thrown.code, thrown.message);
  }
  throw thrown;
};
