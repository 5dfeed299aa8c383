import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { CallContext, TraceSpan } from '../../../gateway/ports.ts';
import type { Pace } from '../../../pace.ts';
import {
  ATTR_JSONRPC_REQUEST_ID,
  ATTR_NETWORK_TRANSPORT,
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  RPC_SYSTEM_NAME_VALUE_JSONRPC,
} from '../../../telemetry/semconv.ts';
import { type PendingRequest, type PendingRequests, RpcCallError } from './pending.ts';
import type { OpenConnectionSpan, Transport } from './transport.ts';

/** Calls that wait for an answer, given-up ones included: a backend that answers none must not fill the memory. */
const MAX_PENDING = 10_000;

/** What a call needs of its connection. */
interface CallDeps {
  readonly transport: Transport;
  readonly pending: PendingRequests;
  readonly openSpan: OpenConnectionSpan;
  /** Why no call can be made any more, or null. */
  readonly closed: () => GatewayError | null;
  readonly pace: Pace;
}

/** The span of a call: the request's own, or a root where the call is made for nobody. */
const openCallSpan = (
  { transport, openSpan }: CallDeps,
  context: CallContext | null,
  method: string,
): TraceSpan => {
  const attributes = {
    [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_NAME_VALUE_JSONRPC,
    [ATTR_RPC_METHOD]: method,
    [ATTR_NETWORK_TRANSPORT]: transport.kind,
  };
  return context ? context.span.child(method, 'CLIENT', attributes) : openSpan(method, attributes);
};

/** What cannot be written as JSON must not stay among the calls that wait: nobody would ever answer it. */
const toLine = (envelope: unknown): string | GatewayError => {
  try {
    return JSON.stringify(envelope);
  } catch (thrown) {
    return toGatewayError(thrown);
  }
};

/** Lines from this length on are encoded in a turn of the event loop of their own. */
const LARGE_CHARS = 256 * 1024;

const send = (deps: CallDeps, request: PendingRequest, params: unknown): void => {
  const { transport, pending, closed, pace } = deps;
  const id = pending.add(request);
  const envelope = { id, method: request.method, params, trace: request.span.carrier() };
  request.span.set({ [ATTR_JSONRPC_REQUEST_ID]: String(id) });
  const line = toLine(envelope);
  if (typeof line !== 'string') {
    pending.take(id);
    return request.reject(line);
  }
  const handOver = (): void => {
    request.span.event('rpc_request', { payload: envelope });
    const isTaken = pending.size <= MAX_PENDING && transport.send(line);
    if (isTaken) return;
    pending.take(id);
    request.reject(
      closed() ?? new GatewayError('backend_overloaded', 'The backend does not take any more input.'),
    );
  };
  if (line.length > LARGE_CHARS) void pace.turn().then(handOver);
  else handOver();
};

/** What went wrong stands on the call's span; then it goes on to the caller. */
const failCall = (span: TraceSpan, thrown: unknown): never => {
  if (thrown instanceof RpcCallError) {
    span.set({ [ATTR_RPC_STATUS_CODE]: String(thrown.code) });
    span.fail(String(thrown.code), thrown.message);
  } else if (!(thrown instanceof GatewayError)) {
    // A deadline of our own: the clean-up after a turn has one.
    span.fail(String((thrown as { name?: unknown } | null)?.name ?? 'unknown'));
  } else if (thrown.outcome !== 'client_disconnect') {
    span.fail(thrown.code, thrown.message);
  }
  throw thrown;
};

/** One call: opens its CLIENT span, puts the trace into the envelope, waits for the answer as long as somebody does. */
export const createCallRpc =
  (deps: CallDeps) =>
  <Result = unknown>(
    context: CallContext | null,
    method: string,
    params: unknown,
    read: (result: unknown) => Result = (result) => result as Result,
    answered: () => void = () => undefined,
  ): Promise<Result> => {
    const span = openCallSpan(deps, context, method);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const request: PendingRequest = {
      method,
      span,
      resolve(result) {
        answered();
        try {
          resolve(read(result));
        } catch (thrown) {
          reject(thrown);
        }
      },
      reject(error) {
        if (error instanceof RpcCallError) answered();
        reject(error);
      },
    };
    const giveUp = (): void => reject(context?.signal.reason);
    const closed = deps.closed();
    context?.signal.addEventListener('abort', giveUp, { once: true });
    if (closed) reject(closed);
    else if (context?.signal.aborted) giveUp();
    else send(deps, request, params);
    return promise
      .catch((thrown: unknown) => failCall(span, thrown))
      .finally(() => {
        context?.signal.removeEventListener('abort', giveUp);
        span.end();
      });
  };
