import { createBackOff } from '../../back-off.ts';
import type { ProcessState } from '../../http/health.ts';
import type { Timers } from '../../later.ts';
import type { ForkedProcess, ForkListeners, ProcessExit } from './fork.ts';
import type { ToPrimary } from './messages.ts';
import type { StartFailure } from './start-failure.ts';

/** One process of the gateway, started again when it ends. */
export interface Supervised {
  readonly state: ProcessState;
  readonly pid: number | null;
  readonly restarts: number;
  readonly retryInMs: number | null;
  readonly send: ForkedProcess['send'];
  /** Starts it no more. Resolves when it has ended. */
  end(): Promise<ProcessExit | null>;
  kill(): void;
}

export interface SupervisedListeners {
  onMessage(message: ToPrimary): void;
  onExit(exit: ProcessExit): void;
  /** It did not come up, and none of its forerunners has. */
  onFailedStart(failure: StartFailure): void;
  /** It is started again, after a pause. */
  onRestart(exit: ProcessExit, failure: StartFailure | null, waitMs: number): void;
  /** It ends again and again, and is started no more. */
  onGivenUp(): void;
}

interface SupervisedDeps extends SupervisedListeners {
  readonly fork: (listeners: ForkListeners) => ForkedProcess;
  readonly timers: Timers;
}

/** How far a process, or a forerunner of it, has come at best. */
type Reached = 'nothing' | 'listening' | 'ready';

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** A process that has ended so often within so long ends the gateway. */
const MAX_ENDS = 6;
const ENDS_WITHIN_MS = 60_000;

const withoutWords = ({ code, signal }: ProcessExit): StartFailure => ({
  lines: [`a process of the gateway ended before it was ready (${signal ?? `exit code ${code}`})`],
  exitCode: 1,
});

/** Starts again after a pause, which grows, and not for ever. */
const createRestarts = (timers: Timers, start: () => void) => {
  const backOff = createBackOff({ firstMs: FIRST_PAUSE_MS, maxMs: MAX_PAUSE_MS });
  let ends: number[] = [];
  let count = 0;
  let retryAt: number | null = null;
  let cancel = (): void => undefined;
  return {
    get count() {
      return count;
    },
    get retryInMs() {
      return retryAt === null ? null : Math.max(0, Math.round(retryAt - timers.now()));
    },
    /** How long the pause is; null when there have been too many, and it is not started again. */
    next(): number | null {
      ends = [...ends.filter((at) => timers.now() - at < ENDS_WITHIN_MS), timers.now()];
      if (ends.length === 1) backOff.reset();
      if (ends.length >= MAX_ENDS) return null;
      const waitMs = backOff.next();
      retryAt = timers.now() + waitMs;
      cancel = timers.later(waitMs, () => {
        retryAt = null;
        count++;
        start();
      });
      return waitMs;
    },
    cancel: () => cancel(),
  };
};

/** Runs a process, and another one in its place when it ends, until it is told to end or fails too often. */
export const supervise = ({ fork, timers, ...listeners }: SupervisedDeps): Supervised => {
  const restarts = createRestarts(timers, () => start());
  const over = Promise.withResolvers<ProcessExit | null>();
  let state: ProcessState = 'starting';
  let current: ForkedProcess | null = null;
  let failure: StartFailure | null = null;
  let reached: Reached = 'nothing';
  let isEnding = false;

  const receive = (message: ToPrimary): void => {
    if (message.type === 'failed') failure = message;
    if (message.type === 'ready') reached = 'ready';
    if (message.type === 'listening') state = 'ready';
    if (message.type === 'listening' && reached === 'nothing') reached = 'listening';
    listeners.onMessage(message);
  };

  const finish = (exit: ProcessExit): void => {
    state = 'stopped';
    over.resolve(exit);
  };

  const restart = (exit: ProcessExit): void => {
    const waitMs = restarts.next();
    if (waitMs !== null) {
      state = 'backing_off';
      return listeners.onRestart(exit, failure, waitMs);
    }
    finish(exit);
    listeners.onGivenUp();
  };

  const onExit = (exit: ProcessExit): void => {
    current = null;
    listeners.onExit(exit);
    if (isEnding) return finish(exit);
    if (reached === 'ready' || (reached === 'listening' && failure === null)) return restart(exit);
    finish(exit);
    listeners.onFailedStart(failure ?? withoutWords(exit));
  };

  const start = (): void => {
    state = 'starting';
    failure = null;
    current = fork({ onMessage: receive, onExit });
  };
  start();

  return {
    get state() {
      return state;
    },
    get pid() {
      return current?.pid ?? null;
    },
    get restarts() {
      return restarts.count;
    },
    get retryInMs() {
      return restarts.retryInMs;
    },
    send: (message, socket) => current?.send(message, socket) ?? false,
    end() {
      isEnding = true;
      restarts.cancel();
      return current === null ? Promise.resolve(null) : over.promise;
    },
    kill: () => current?.kill(),
  };
};
