import { createLoad } from '../../src/backend/app-server/worker/load.ts';
import type { WorkerExit, WorkerIdentity } from '../../src/backend/app-server/worker/process.ts';
import type { SupervisorNotes } from '../../src/backend/app-server/worker/supervisor-notes.ts';
import type { Worker } from '../../src/backend/app-server/worker/worker.ts';
import { settle } from './fake-timing.ts';
import { createFakeWorker } from './fake-worker.ts';

/** A worker whose end is the test's to decide. */
export type StartedWorker = Worker & {
  /** Each `stop`, by the time that it grants. */
  stops: number[];
  killed: number;
  /** Has it answer nothing, or again. */
  setBeats(beats: boolean): void;
  die(uptimeMs?: number): Promise<void>;
};

/** Stands for `startWorker`: each attempt waits until the test answers it. */
export type FakeStarts = {
  start(signal: AbortSignal, identity: WorkerIdentity): Promise<Worker>;
  /** Whom each attempt was for. */
  attempts: WorkerIdentity[];
  /** Answers the oldest open attempt with a worker. */
  succeed(): Promise<StartedWorker>;
  /** Answers the oldest open attempt with a refusal. */
  fail(error?: Error): Promise<void>;
  notes: SupervisorNotes;
  /** What was noted, in order. */
  noted: string[];
};

let pids = 1000;

const createStartedWorker = (): StartedWorker => {
  const exited = Promise.withResolvers<WorkerExit>();
  const sick = Promise.withResolvers<string>();
  const exit = (uptime_ms: number): WorkerExit => ({
    code: 1,
    signal: null,
    uptime_ms,
    stderr: { lines: 0, bytes: 0 },
    last_output: [],
  });
  let beats = true;
  let changed = (): void => undefined;
  const worker: StartedWorker = {
    ...createFakeWorker().worker,
    pid: pids++,
    load: createLoad(),
    requests: createLoad(),
    exited: exited.promise,
    pulse: {
      get beats() {
        return beats;
      },
      start: (onChange) => {
        changed = onChange;
      },
      stop: () => undefined,
    },
    setBeats(now) {
      beats = now;
      changed();
    },
    sick: sick.promise,
    markSick: sick.resolve,
    stops: [],
    killed: 0,
    stop(graceMs) {
      worker.stops.push(graceMs);
      exited.resolve(exit(0));
      return exited.promise;
    },
    kill() {
      worker.killed++;
    },
    async die(uptimeMs = 0) {
      exited.resolve(exit(uptimeMs));
      await settle();
    },
  };
  return worker;
};

export const createFakeStarts = (): FakeStarts => {
  const open: PromiseWithResolvers<Worker>[] = [];
  const attempts: WorkerIdentity[] = [];
  const noted: string[] = [];
  const take = (): PromiseWithResolvers<Worker> => {
    const attempt = open.shift();
    if (!attempt) throw new Error('nobody is being started');
    return attempt;
  };
  return {
    attempts,
    noted,
    start(signal, identity) {
      attempts.push(identity);
      const attempt = Promise.withResolvers<Worker>();
      signal.addEventListener('abort', () => attempt.reject(signal.reason), { once: true });
      open.push(attempt);
      return attempt.promise;
    },
    async succeed() {
      const worker = createStartedWorker();
      take().resolve(worker);
      await settle();
      return worker;
    },
    async fail(error = new Error('no')) {
      take().reject(error);
      await settle();
    },
    notes: {
      onExit: () => void noted.push('exit'),
      onFailedStart: () => void noted.push('failed start'),
      onReady: () => void noted.push('ready'),
      onUnresponsive: () => void noted.push('unresponsive'),
      onAnswering: () => void noted.push('answering'),
      onSick: (reason) => void noted.push(`sick: ${reason}`),
      onDrained: () => void noted.push('drained'),
      onRestartLimit: (waitMs) => void noted.push(`limit: ${waitMs}`),
    },
  };
};
