import type { Model } from '../../../gateway/turn.ts';
import { withDeadline } from '../../work-deadline.ts';
import type { CodexRules } from '../codex/closing.ts';
import { type CodexFacts, findAddedTools, findProgram, NO_FACTS } from '../codex/facts.ts';
import type { RpcConnection } from '../rpc/connection.ts';
import { createShared, type Shared } from '../turn/event-queue.ts';
import type { StallLimits } from '../turn/stall-watch.ts';
import { createTurnRouter, type TurnRouter } from '../turn/turn-router.ts';
import { exitError, type WorkerEnd } from './exit-error.ts';
import { createGarbageLog } from './garbage-log.ts';
import { createLoad, type Load } from './load.ts';
import { listModels } from './models.ts';
import { createOverlongNote } from './overlong.ts';
import {
  startWorkerProcess,
  type WorkerExit,
  type WorkerIdentity,
  type WorkerOptions,
  type WorkerProcess,
} from './process.ts';
import { createPulse, type WorkerPulse } from './pulse.ts';
import { systemTiming } from './timing.ts';
import { connectWebsocket } from './websocket.ts';
import { type ConnectionTrace, connectRpc } from './worker-rpc.ts';

export interface WorkerSettings {
  /** The process to start, unless there is a `url`. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Takes what the process says on stderr, for one whose words are ours to show. */
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
  /** An app-server that listens already, on a websocket. */
  readonly url?: string | undefined;
  /** The working directory of the process. */
  readonly workdir: string;
  /** Whether it is a Codex that has to be closed, and how far; absent: it runs nothing by itself. */
  readonly codexTools?: CodexRules['tools'] | undefined;
  readonly clientVersion: string;
  readonly handshakeMs: number;
  /** How long a turn may be silent; absent: as long as it likes. */
  readonly stall?: StallLimits | undefined;
  readonly shared?: Shared | undefined;
}

/** One app-server process that has shaken hands. */
export interface Worker {
  /** Undefined where there is no process of ours. */
  readonly pid: number | undefined;
  readonly uptimeMs: number;
  readonly rpc: RpcConnection;
  readonly turns: TurnRouter;
  /** Requests that it was chosen for and whose turns are not cleaned up yet. */
  readonly load: Load;
  /** Requests that wait for something of it; what is only cleaned up does not count. */
  readonly requests: Load;
  /** What it lists and what it is configured with; the configured one first. */
  models: readonly Model[];
  /** What was found out of the Codex that it is. */
  codex: CodexFacts;
  readonly exited: Promise<WorkerExit>;
  /** Runs from the handshake to its end. */
  readonly pulse: WorkerPulse;
  /** Resolves with what makes it unfit for more turns, once somebody has found that out. */
  readonly sick: Promise<string>;
  /** Says that it is alive and does not do what it must; only the first reason counts. */
  markSick(reason: string): void;
  stop(graceMs: number): Promise<WorkerExit>;
  kill(): void;
}

/** Each request in flight learns of the exit on its own trace and ends as `backend_exited`. */
const failTurns = (turns: TurnRouter, exit: WorkerEnd): void => {
  for (const route of turns.active) {
    route.span.event('backend_exit', { payload: exit });
    route.fail(exitError(exit));
  }
};

const openProcess = (
  { command, env, url, workdir, onStderr }: WorkerSettings,
  handlers: Pick<WorkerOptions, 'onLine' | 'onOverlong' | 'pace'>,
): WorkerProcess =>
  url
    ? connectWebsocket({ url, ...handlers })
    : startWorkerProcess({ command, env, cwd: workdir, onStderr, ...handlers });

/** Opens the process and tells its start and its end: on its own, and to every call and turn in flight. */
const open = (settings: WorkerSettings, trace: ConnectionTrace, identity: WorkerIdentity): Worker => {
  const startedAt = performance.now();
  const shared = settings.shared ?? createShared();
  const turns = createTurnRouter(settings.stall, shared);
  const requests = createLoad();
  const sick = Promise.withResolvers<string>();
  let reason: string | null = null;
  let process: WorkerProcess;
  const garbage = createGarbageLog(
    (payload) => trace.connectionEvent('trace_error', payload),
    () => performance.now(),
  );
  const rpc = connectRpc(trace, settings.url ? 'tcp' : 'pipe', () => process, turns, garbage, shared.pace);
  process = openProcess(settings, {
    onLine: rpc.receive,
    pace: shared.pace,
    onOverlong: createOverlongNote(garbage, turns),
  });
  const facts = { pid: process.pid ?? null, ...identity };
  const reached = settings.url ? { url: settings.url } : { command: settings.command[0] };
  trace.connectionEvent('backend_start', { ...facts, ...reached });
  const markSick = (given: string): void => {
    reason ??= given;
    pulse.stop();
    sick.resolve(given);
  };
  const pulse = createPulse({
    timing: systemTiming,
    heard: () => rpc.heard,
    ask: rpc.poke,
    giveUp: markSick,
  });
  const exited = process.exited.then((exit) => {
    pulse.stop();
    const end = { ...facts, ...exit, requests_in_flight: requests.count, recycled: reason };
    garbage.flush();
    trace.connectionEvent('backend_exit', end);
    rpc.close(exitError(end));
    failTurns(turns, end);
    return exit;
  });
  return {
    pid: process.pid,
    get uptimeMs() {
      return Math.round(performance.now() - startedAt);
    },
    rpc,
    turns,
    models: [],
    codex: NO_FACTS,
    load: createLoad(),
    requests,
    exited,
    pulse,
    sick: sick.promise,
    markSick,
    stop: async (graceMs) => {
      pulse.stop();
      await process.stop(graceMs);
      return exited;
    },
    kill: process.kill,
  };
};

/** Starts a process, or connects to one, and shakes hands. Rejects when it does not get that far in time, or is aborted; then no process is left. */
export const startWorker = async (
  settings: WorkerSettings,
  trace: ConnectionTrace,
  signal?: AbortSignal,
  identity: WorkerIdentity = { worker: 0, restarts: 0 },
): Promise<Worker> => {
  const worker = open(settings, trace, identity);
  const shaken = handshake(worker, settings);
  // At once, since whoever aborts may be about to exit.
  signal?.addEventListener('abort', worker.kill, { once: true });
  await withDeadline(shaken, settings.handshakeMs, 'its handshake', signal)
    .catch(async (thrown: unknown) => {
      await worker.stop(0);
      throw thrown;
    })
    .finally(() => signal?.removeEventListener('abort', worker.kill));
  return worker;
};

/** Facts for the rules of its threads, see `codex/closing.ts`. */
const findFacts = async (worker: Worker, { codexTools, workdir }: WorkerSettings): Promise<CodexFacts> => {
  switch (codexTools) {
    case undefined:
      return NO_FACTS;
    case 'off':
      return { ...NO_FACTS, ...(await findAddedTools(worker.rpc, workdir)) };
    case 'read-only':
      return { ...NO_FACTS, program: await findProgram(worker.pid) };
  }
};

const handshake = async (worker: Worker, settings: WorkerSettings): Promise<void> => {
  await worker.rpc.callRpc(null, 'initialize', {
    clientInfo: { name: 'throughline', title: 'Throughline', version: settings.clientVersion },
    capabilities: { experimentalApi: true, requestAttestation: false },
  });
  worker.rpc.notify('initialized');
  worker.models = await listModels(worker.rpc, null);
  worker.codex = await findFacts(worker, settings);
};
