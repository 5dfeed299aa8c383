import type { TurnPlace } from '../../src/backend/app-server/app-server-backend.ts';
import { NO_FACTS } from '../../src/backend/app-server/codex/facts.ts';
import { oneFolder } from '../../src/backend/app-server/codex/folders.ts';
import { createRpcConnection } from '../../src/backend/app-server/rpc/connection.ts';
import { createTurnRouter, type TurnRouter } from '../../src/backend/app-server/turn/turn-router.ts';
import { createLoad } from '../../src/backend/app-server/worker/load.ts';
import type { WorkerPool } from '../../src/backend/app-server/worker/pool.ts';
import type { Worker } from '../../src/backend/app-server/worker/worker.ts';
import { GatewayError } from '../../src/errors.ts';
import { createFakeSpan } from './fake-span.ts';
import { createWaiters } from './wait-until.ts';

type Call = { id: number; method: string; params: Record<string, unknown> };
type Answers = Record<string, (params: Record<string, unknown>) => object[]>;

/**
 * A pool whose one worker is the test. `answers` gives what a call is answered with, and what is said right
 * behind it in the same chunk; an empty list is no answer. All other calls get an empty result.
 */
export type FakeWorker = {
  supervisor: WorkerPool;
  worker: Worker;
  turns: TurnRouter;
  calls: Call[];
  /** What was about no turn that is known. */
  orphans: string[];
  say(method: string, params: unknown): void;
  /** Resolves with the call, once it has been made. */
  called(method: string): Promise<Call>;
};

/** A backend that runs nothing, whose threads all say that they are in `/work`. */
export const AT_WORK: TurnPlace = { folders: oneFolder('/work'), rules: null };

const ANSWERS: Answers = {
  'thread/start': () => [{ result: { thread: { id: 'th' } } }],
  'turn/start': () => [{ result: { turn: { id: 't' } } }],
};

export const createFakeWorker = (answers: Answers = {}): FakeWorker => {
  const calls: Call[] = [];
  const orphans: string[] = [];
  const turns = createTurnRouter();
  const waiters = createWaiters();
  const send = (line: string): boolean => {
    const call = JSON.parse(line) as Call;
    calls.push(call);
    const answer = { ...ANSWERS, ...answers }[call.method] ?? (() => [{ result: {} }]);
    const [first, ...behind] = answer(call.params);
    const lines = first ? [{ id: call.id, ...first }, ...behind] : [];
    queueMicrotask(() => {
      for (const message of lines) rpc.receive(JSON.stringify(message));
    });
    waiters.notify();
    return true;
  };
  const rpc = createRpcConnection(
    { kind: 'pipe', send },
    {
      takeLine: turns.takeDelta,
      onNotification: ({ method, params }, line) =>
        void (turns.dispatch(method, params, line) || orphans.push(method)),
      onRequest: () => ({ result: {} }),
      onGarbage: () => undefined,
      openSpan: (name) => createFakeSpan(name),
    },
  );
  const sick = Promise.withResolvers<string>();
  const worker: Worker = {
    pid: 1,
    uptimeMs: 0,
    rpc,
    turns,
    load: createLoad(),
    requests: createLoad(),
    codex: NO_FACTS,
    models: [{ id: 'echo' }, { id: 'mock' }],
    exited: new Promise(() => undefined),
    pulse: { beats: true, start: () => undefined, stop: () => undefined },
    sick: sick.promise,
    markSick: sick.resolve,
    stop: () => worker.exited,
    kill: () => undefined,
  };
  return {
    supervisor: {
      started: () => Promise.resolve(),
      use: () => Promise.resolve({ worker, end: worker.load.enter() }),
      unavailable: () => new GatewayError('backend_unavailable', 'No worker is ready.'),
      state: { ready: true, starting: false, restarts: 0, workers: [] },
      stop: () => Promise.resolve(),
      abandon: () => undefined,
    },
    worker,
    turns,
    calls,
    orphans,
    say: (method, params) => rpc.receive(JSON.stringify({ method, params })),
    called: (method) =>
      waiters.until(
        () => calls.find((call) => call.method === method),
        () => calls.map((call) => call.method).join(', '),
      ),
  };
};
