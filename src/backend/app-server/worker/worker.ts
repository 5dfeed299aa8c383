import { GatewayError } from '../../../errors.ts';
import type { TraceSpan } from '../../../gateway/ports.ts';
import type { Model } from '../../../gateway/turn.ts';
import { SERVER_REQUEST, SERVER_REQUEST_ANSWER } from '../../../telemetry/phases.ts';
import { createRpcConnection, type RpcConnection } from '../rpc/connection.ts';
import type { Transport } from '../rpc/transport.ts';
import { answerServerRequest } from '../server-requests.ts';
import { createTurnRouter, type TurnRouter } from '../turn/turn-router.ts';
import { listModels } from './models.ts';
import { startWorkerProcess, type WorkerExit, type WorkerOptions, type WorkerProcess } from './process.ts';
import { connectWebsocket } from './websocket.ts';

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

export interface WorkerSettings {
  /** The process to start, unless there is a `url`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the process says on stderr, for one whose words are ours to show. */
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** An app-server that listens already, on a websocket. */
  readonly url?: string | undefined;
  /** The working directory that threads get. */
  readonly workdir: string;
  readonly clientVersion: string;
  readonly handshakeMs: number;
}

/** One app-server process that has shaken hands. */
export interface Worker {
  readonly pid: number | undefined;
  readonly rpc: RpcConnection;
  readonly turns: TurnRouter;
  /** What it lists and what it is configured with; the configured one first. */
  models: readonly Model[];
  readonly exited: Promise<WorkerExit>;
  stop(graceMs: number): Promise<WorkerExit>;
  kill(): void;
}

/** Each request in flight learns of the exit on its own trace and ends as `backend_exited`. */
const failTurns = (turns: TurnRouter, exit: WorkerExit): void => {
  for (const route of turns.active) {
    route.span.event('backend_exit', { payload: exit });
    route.fail(exitError(exit));
  }
};

export const exitError = (exit: WorkerExit): GatewayError => {
  const { code, signal, error } = exit;
  const how = error ?? (signal ? `signal ${signal}` : `exit code ${code}`);
  return new GatewayError(
    'backend_exited',
    `The backend process ended (${how}) before the answer was complete.`,
    { cause: exit },
  );
};

/** The exit behind an error, where there is one. */
export const exitOf = (thrown: unknown): WorkerExit | null =>
  thrown instanceof GatewayError && thrown.code === 'backend_exited' ? (thrown.cause as WorkerExit) : null;

const connect = (
  trace: ConnectionTrace,
  kind: Transport['kind'],
  process: () => WorkerProcess,
  turns: TurnRouter,
): RpcConnection =>
  createRpcConnection(
    { kind, send: (line) => process().send(line) },
    {
      openSpan: trace.openConnectionSpan,
      onGarbage: (reason, bytes) =>
        trace.connectionEvent('trace_error', { message: 'unreadable line from the backend', reason, bytes }),
      onNotification({ method, params }) {
        if (turns.dispatch(method, params)) return;
        const orphan = typeof (params as { threadId?: unknown } | null | undefined)?.threadId === 'string';
        trace.connectionEvent(orphan ? 'trace_error' : 'rpc_notification', { method, params });
      },
      onRequest(request) {
        const answer = answerServerRequest(request.method);
        const span = turns.find(request.params)?.span;
        const question = { id: request.id, method: request.method, params: request.params };
        const reply = { id: request.id, ...answer };
        if (span) {
          span.event('rpc_request', { payload: question, place: SERVER_REQUEST });
          span.event('rpc_response', { payload: reply, place: SERVER_REQUEST_ANSWER });
        } else {
          trace.connectionEvent('rpc_request', question);
          trace.connectionEvent('rpc_response', reply);
        }
        return answer;
      },
    },
  );

const openProcess = (
  { command, env, url, workdir, onStderr }: WorkerSettings,
  handlers: Pick<WorkerOptions, 'onLine' | 'onOverlong'>,
): WorkerProcess =>
  url
    ? connectWebsocket({ url, ...handlers })
    : startWorkerProcess({ command, env, cwd: workdir, onStderr, ...handlers });

/** Starts a process, or connects to one, and shakes hands. Rejects when it does not get that far in time, or is aborted; then no process is left. */
export const startWorker = async (
  settings: WorkerSettings,
  trace: ConnectionTrace,
  signal?: AbortSignal,
): Promise<Worker> => {
  const turns = createTurnRouter();
  let process: WorkerProcess;
  const rpc = connect(trace, settings.url ? 'tcp' : 'pipe', () => process, turns);
  process = openProcess(settings, {
    onLine: rpc.receive,
    onOverlong: (bytes) =>
      trace.connectionEvent('trace_error', { message: 'overlong line from the backend', bytes }),
  });
  const reached = settings.url ? { url: settings.url } : { command: settings.command[0] };
  trace.connectionEvent('backend_start', { pid: process.pid ?? null, ...reached });
  const exited = process.exited.then((exit) => {
    const inFlight = turns.active.length;
    trace.connectionEvent('backend_exit', {
      pid: process.pid ?? null,
      ...exit,
      requests_in_flight: inFlight,
    });
    rpc.close(exitError(exit));
    failTurns(turns, exit);
    return exit;
  });
  const worker: Worker = {
    pid: process.pid,
    rpc,
    turns,
    models: [],
    exited,
    stop: process.stop,
    kill: process.kill,
  };
  await withDeadline(handshake(worker, settings), settings.handshakeMs, signal).catch(
    async (thrown: unknown) => {
      await process.stop(0);
      throw thrown;
    },
  );
  return worker;
};

const handshake = async (worker: Worker, { clientVersion }: WorkerSettings): Promise<void> => {
  await worker.rpc.callRpc(null, 'initialize', {
    clientInfo: { name: 'throughline', title: 'Throughline', version: clientVersion },
    capabilities: { experimentalApi: true, requestAttestation: false },
  });
  worker.rpc.notify('initialized');
  worker.models = await listModels(worker.rpc, null);
};

const withDeadline = async <T>(work: Promise<T>, ms: number, signal?: AbortSignal): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal?.reason);
  const timer = setTimeout(
    () =>
      reject(
        new GatewayError('backend_timeout', `The backend did not finish its handshake within ${ms} ms.`),
      ),
    ms,
  );
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  return Promise.race([work, tooLate]).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  });
};
