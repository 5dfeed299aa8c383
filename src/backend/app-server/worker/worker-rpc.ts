import type { TraceSpan } from '../../../gateway/ports.ts';
import type { Pace } from '../../../pace.ts';
import { SERVER_REQUEST, SERVER_REQUEST_ANSWER } from '../../../telemetry/phases.ts';
import { createRpcConnection, type RpcAnswer, type RpcConnection } from '../rpc/connection.ts';
import type { Transport } from '../rpc/transport.ts';
import { answerServerRequest } from '../server-requests.ts';
import type { TurnRouter } from '../turn/turn-router.ts';
import type { GarbageLog } from './garbage-log.ts';
import type { WorkerProcess } from './process.ts';

/** What a worker tells about itself that belongs to no request. */
export interface ConnectionTrace {
  openConnectionSpan(name: string, attributes: Record<string, string>): TraceSpan;
  connectionEvent(
    kind:
      | 'backend_start'
      | 'backend_exit'
      | 'rpc_notification'
      | 'rpc_request'
      | 'rpc_response'
      | 'trace_error',
    payload: unknown,
  ): void;
}

/** The JSON-RPC connection to a worker: what it sends by itself goes to the turn that it names, or is told as nobody's. */
export const connectRpc = (
  trace: ConnectionTrace,
  kind: Transport['kind'],
  process: () => WorkerProcess,
  turns: TurnRouter,
  garbage: GarbageLog,
  pace: Pace,
): RpcConnection =>
  createRpcConnection(
    { kind, send: (line) => process().send(line) },
    {
      openSpan: trace.openConnectionSpan,
      onGarbage: (reason, bytes) =>
        garbage.note({ message: 'unreadable line from the backend', reason, bytes }),
      takeLine: turns.takeDelta,
      onNotification({ method, params }, line) {
        if (turns.dispatch(method, params, line)) return;
        const orphan = typeof (params as { threadId?: unknown } | null | undefined)?.threadId === 'string';
        trace.connectionEvent(orphan ? 'trace_error' : 'rpc_notification', { method, params });
      },
      onRequest(request) {
        const route = turns.find(request.params);
        route?.heard();
        const question = { id: request.id, method: request.method, params: request.params };
        route?.span.event('rpc_request', { payload: question, place: SERVER_REQUEST });
        if (!route) trace.connectionEvent('rpc_request', question);
        const answered = (answer: RpcAnswer): RpcAnswer => {
          const reply = { id: request.id, ...answer };
          route?.span.event('rpc_response', { payload: reply, place: SERVER_REQUEST_ANSWER });
          if (!route) trace.connectionEvent('rpc_response', reply);
          return answer;
        };
        const answer = answerServerRequest(request, route);
        return answer instanceof Promise ? answer.then(answered) : answered(answer);
      },
    },
    pace,
  );
