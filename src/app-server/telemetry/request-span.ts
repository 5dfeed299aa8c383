import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { RpcError, RpcRequestId } from '../../app-server-protocol/index.ts';
import { headOf } from '../../cut.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Environment } from '../environment.ts';
import { contextFromCarrier } from './carrier.ts';
import * as names from './names.ts';

export type TransportName = 'stdio' | 'websocket';

/** What the transport boundary knows of a request before it is answered. */
export interface InboundRequest {
  readonly id: RpcRequestId;
  readonly method: string;
  /** False for a method outside the table: its name, the client's own words, is kept apart and bounded. */
  readonly known: boolean;
  /** The envelope's `trace`, as it came. */
  readonly carrier: unknown;
  readonly transport: TransportName;
  readonly connectionId: string;
  readonly client: { readonly name: string; readonly version: string } | undefined;
  readonly threadId: string | undefined;
  readonly turnId: string | undefined;
}

export type RpcOutcome =
  | {
      readonly type: 'result';
      readonly result: unknown;
      readonly threadId: string | undefined;
      readonly turnId: string | undefined;
    }
  | { readonly type: 'error'; readonly error: RpcError };

const MAX_METHOD = 100;
const MAX_ID = 128;

const compact = (attributes: Record<string, string | undefined>): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

const attributesOf = (request: InboundRequest): Attributes =>
  compact({
    [names.RPC_SYSTEM_OLD]: 'jsonrpc',
    [names.RPC_SYSTEM_NAME]: 'jsonrpc',
    [names.RPC_SERVICE_OLD]: 'codex-app-server',
    [names.RPC_METHOD]: request.known ? request.method : '_OTHER',
    [names.RPC_METHOD_ORIGINAL]: request.known ? undefined : headOf(request.method, MAX_METHOD),
    [names.RPC_TRANSPORT_OLD]: request.transport,
    [names.NETWORK_TRANSPORT]: request.transport === 'stdio' ? 'pipe' : 'tcp',
    [names.RPC_REQUEST_ID_OLD]: headOf(String(request.id), MAX_ID),
    [names.JSONRPC_REQUEST_ID]: headOf(String(request.id), MAX_ID),
    [names.CONNECTION_ID]: request.connectionId,
    [names.API_VERSION]: 'v2',
    [names.CLIENT_NAME]: request.client?.name,
    [names.CLIENT_VERSION]: request.client?.version,
    [names.THREAD_ID]: request.threadId,
    [names.TURN_ID]: request.turnId,
  });

const finish = (span: Span, outcome: RpcOutcome): void => {
  switch (outcome.type) {
    case 'result':
      span.setAttributes(compact({ [names.THREAD_ID]: outcome.threadId, [names.TURN_ID]: outcome.turnId }));
      return;
    case 'error': {
      const code = String(outcome.error.code);
      span.setAttributes({ [names.RPC_STATUS_CODE]: code, [names.ERROR_TYPE]: code });
      span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error.message });
    }
  }
};

interface Parent {
  readonly context: Context;
  readonly problem: string | undefined;
}

/** Envelope first, then the environment that the process was started in, then none. */
const createParentOf =
  (fallback: Context) =>
  (carrier: unknown): Parent => {
    const reading = contextFromCarrier(carrier);
    switch (reading.type) {
      case 'context':
        return { context: reading.context, problem: reading.problem };
      case 'invalid':
        return { context: fallback, problem: reading.problem };
      case 'absent':
        return { context: fallback, problem: undefined };
    }
  };

const environmentContext = (environment: Environment, diagnostics: Diagnostics): Context => {
  const { traceparent, tracestate } = environment;
  const reading = contextFromCarrier(traceparent ? { traceparent, tracestate } : undefined);
  if (reading.type === 'invalid') diagnostics.warn('TRACEPARENT is ignored', { problem: reading.problem });
  return reading.type === 'context' ? reading.context : ROOT_CONTEXT;
};

/** Makes `Telemetry.serveRequest`: the only place where a request's span begins and ends. */
export const createServeRequest = (tracer: Tracer, environment: Environment, diagnostics: Diagnostics) => {
  const parentOf = createParentOf(environmentContext(environment, diagnostics));
  return (request: InboundRequest, serve: () => Promise<RpcOutcome>): Promise<RpcOutcome> => {
    const parent = parentOf(request.carrier);
    const options = { kind: SpanKind.SERVER, attributes: attributesOf(request) };
    const span = tracer.startSpan('app_server.request', options, parent.context);
    if (parent.problem) {
      span.addEvent(names.INVALID_CARRIER_EVENT, { problem: parent.problem });
      const fields = {
        problem: parent.problem,
        connection: request.connectionId,
        id: headOf(String(request.id), MAX_ID),
      };
      diagnostics.warn('a trace carrier is ignored', fields);
    }
    return context.with(trace.setSpan(parent.context, span), async () => {
      try {
        const outcome = await serve();
        finish(span, outcome);
        return outcome;
      } finally {
        span.end();
      }
    });
  };
};
