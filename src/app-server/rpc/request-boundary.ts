import type { RpcResponse } from '../../app-server-protocol/index.ts';
import { headOf } from '../../cut.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { AppServerTelemetry, RpcOutcome, TransportName } from '../telemetry/index.ts';
import type { RpcClient } from './client.ts';
import type { Inbound } from './envelope.ts';
import { invalidRequest, RPC_CODES, RpcFailure } from './failure.ts';
import { isObject } from './params.ts';

type Request = Extract<Inbound, { type: 'request' }>;

/** Answers one method: a plain function of what was asked and by whom. It throws an `RpcFailure` to refuse. */
export type Handler = (params: unknown, client: RpcClient) => unknown;
export type Handlers = Readonly<Record<string, Handler>>;

export type AnswerRequest = (request: Request, client: RpcClient) => Promise<RpcResponse>;

export interface BoundaryOptions {
  readonly handlers: Handlers;
  readonly telemetry: Pick<AppServerTelemetry, 'serveRequest'>;
  readonly transport: TransportName;
  readonly diagnostics: Diagnostics;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const field = (value: unknown, ...path: string[]): string | undefined => {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
  // Ids are ours; anything else in their place is the client's own words, and stays off the span.
  return typeof found === 'string' && UUID.test(found) ? found : undefined;
};

const nameOf = (params: unknown, key: string): string | undefined => {
  const info = isObject(params) && isObject(params.clientInfo) ? params.clientInfo[key] : undefined;
  return typeof info === 'string' ? headOf(info, 100) : undefined;
};

/** `initialize` says who the client is; after it, the connection knows. */
const clientOf = ({ method, params }: Request, client: RpcClient) => {
  const name = nameOf(params, 'name');
  return method === 'initialize' && name
    ? { name, version: nameOf(params, 'version') ?? '' }
    : client.identity();
};

const outcomeOf = (result: unknown): RpcOutcome => ({
  type: 'result',
  result,
  threadId: field(result, 'thread', 'id'),
  turnId: field(result, 'turn', 'id') ?? field(result, 'turnId'),
});

/** Clients ask it every other second for a sign of life, which would fill their traces. */
const UNTRACED = 'thread/loaded/list';

/** Makes the transport boundary: every inbound request passes here, whatever its method, and gets its span here, unless it is a sign of life. */
export const createRequestBoundary = (options: BoundaryOptions): AnswerRequest => {
  const { handlers, telemetry, transport, diagnostics } = options;

  const run = async (request: Request, client: RpcClient): Promise<unknown> => {
    if (request.method !== 'initialize' && !client.identity()) throw invalidRequest('Not initialized');
    const handler = Object.hasOwn(handlers, request.method) ? handlers[request.method] : undefined;
    if (!handler) throw new RpcFailure('methodNotFound', 'Method not found');
    return handler(request.params, client);
  };

  const serve = async (request: Request, client: RpcClient): Promise<RpcOutcome> => {
    try {
      return outcomeOf(await run(request, client));
    } catch (cause) {
      if (cause instanceof RpcFailure)
        return { type: 'error', error: { code: cause.code, message: cause.message } };
      diagnostics.error('a handler failed', {
        method: request.method,
        error: cause instanceof Error ? cause.name : 'unknown',
      });
      return { type: 'error', error: { code: RPC_CODES.internalError, message: 'Internal error' } };
    }
  };

  return async (request, client) => {
    const inbound = {
      id: request.id,
      method: request.method,
      known: Object.hasOwn(handlers, request.method),
      carrier: request.trace,
      transport,
      connectionId: client.connectionId,
      client: clientOf(request, client),
      threadId: field(request.params, 'threadId'),
      turnId: field(request.params, 'turnId') ?? field(request.params, 'expectedTurnId'),
    };
    const outcome = await (request.method === UNTRACED
      ? serve(request, client)
      : telemetry.serveRequest(inbound, () => serve(request, client)));
    return outcome.type === 'result'
      ? { id: request.id, result: outcome.result }
      : { id: request.id, error: outcome.error };
  };
};
