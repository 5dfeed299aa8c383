import type { Config } from '../../config/index.ts';
import {
  createSharedPlaces,
  type PlaceHolder,
  type SharedPlaces,
} from '../../http/admission/shared-places.ts';
import { BODY_LIMITS } from '../../http/body-budget.ts';
import { systemTimers, type Timers } from '../../later.ts';
import type { Log } from '../../telemetry/log.ts';
import type { ConnectionDispatch, Served } from './dispatch.ts';
import type { ForkedProcess, ForkListeners, ProcessExit } from './fork.ts';
import type { Counted, Question, ToPrimary } from './messages.ts';
import { createQuestions } from './questions.ts';
import { createSiblings, SIBLING_ANSWER_MS, type Sibling } from './siblings.ts';
import { ProcessStartError, type StartFailure } from './start-failure.ts';
import { type Supervised, supervise } from './supervised.ts';

type StartFields = Readonly<Record<string, unknown>>;

/** The processes of a gateway, and what they share. */
export interface Group {
  /** Resolves when all take requests; rejects with the `ProcessStartError` of the first one that cannot. */
  readonly listening: Promise<void>;
  /** Resolves with the fields of the start line when each of them has a backend; rejects as `listening` does. */
  readonly ready: Promise<StartFields>;
  /** Resolves with the reason when a process ends again and again. */
  readonly broken: Promise<Error>;
  signal(name: 'SIGTERM' | 'SIGHUP'): void;
  /** Tells all to stop, once, and starts none again. Resolves with how they ended. */
  end(): Promise<readonly (ProcessExit | null)[]>;
  kill(): void;
}

export interface GroupDeps {
  readonly config: Pick<Config, 'processes' | 'limits'>;
  readonly url: string;
  readonly dispatch: ConnectionDispatch;
  readonly log: Pick<Log, 'logger'>;
  readonly fork: (listeners: ForkListeners) => ForkedProcess;
  readonly timers?: Timers;
}

/** Resolves once each of so many has come. */
const createCount = <Value>(wanted: number) => {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  // Whoever waits hears of it; where nobody does, it is no fault.
  promise.catch(() => undefined);
  const came = new Set<object>();
  return {
    promise,
    reject,
    came(one: object, value: Value): void {
      came.add(one);
      if (came.size === wanted) resolve(value);
    },
  };
};

/** What every process of the group is opened with. */
interface GroupContext extends Pick<GroupDeps, 'url' | 'dispatch' | 'fork'> {
  readonly timers: Timers;
  readonly logger: Log['logger'];
  readonly places: Readonly<Record<Counted, SharedPlaces>>;
  readonly answer: (question: Question, asking: Sibling) => Promise<unknown>;
  readonly warnOnce: (fields: object, message: string) => void;
  onListening(sibling: object): void;
  onReady(sibling: object, fields: StartFields): void;
  onFailedStart(failure: StartFailure): void;
  onGivenUp(): void;
}

/** What a running process has of what all share. */
interface Holding {
  readonly places: Readonly<Record<Counted, PlaceHolder>>;
  served: Served | null;
}

interface RunningSibling extends Sibling {
  readonly process: Supervised;
}

const createWarnOnce = (logger: Log['logger']): GroupContext['warnOnce'] => {
  const warned = new Set<string>();
  return (fields, message) => {
    if (warned.has(message)) return;
    warned.add(message);
    logger.warn(fields, message);
  };
};

const openSibling = (context: GroupContext): RunningSibling => {
  const { url, dispatch, timers, logger, places } = context;
  let holding: Holding | null = null;

  const fork = (listeners: ForkListeners): ForkedProcess => {
    const child = context.fork(listeners);
    const join = (of: Counted): PlaceHolder =>
      places[of].join((answer) => void child.send({ type: 'places', of, answer }));
    child.send({ type: 'begin', url });
    holding = { places: { requests: join('requests'), bodies: join('bodies') }, served: null };
    return child;
  };

  const serve = (): void => {
    if (holding) holding.served = dispatch.join((socket) => process.send({ type: 'connection' }, socket));
    if (process.restarts > 0) logger.info({ process: process.pid }, 'the process takes requests again');
    context.onListening(sibling);
  };

  const onMessage = (message: ToPrimary): void => {
    switch (message.type) {
      case 'taken':
        return holding?.served?.taken();
      case 'passed':
        return holding?.served?.leave();
      case 'listening':
        return serve();
      case 'ready':
        return context.onReady(sibling, message.fields);
      case 'warning':
        return context.warnOnce(message.fields, message.message);
      case 'places':
        return holding?.places[message.of].receive(message.wish);
      case 'question':
      case 'answer':
        return questions.receive(message);
      case 'failed':
        // Its end is what counts, which comes next.
        return undefined;
    }
  };

  const onExit = (): void => {
    holding?.served?.leave();
    holding?.places.requests.leave();
    holding?.places.bodies.leave();
    holding = null;
    questions.close();
  };

  const process = supervise({
    ...{ fork, timers, onMessage, onExit },
    onFailedStart: context.onFailedStart,
    onGivenUp: context.onGivenUp,
    onRestart: (exit, failure, waitMs) =>
      logger.error(
        { ...exit, problems: failure?.lines, wait_ms: waitMs },
        'a process of the gateway ended; it is started again',
      ),
  });
  const questions = createQuestions({
    ...{ timers, waitMs: SIBLING_ANSWER_MS },
    send: (message) => void process.send(message),
    answer: (question) => context.answer(question, sibling),
  });
  const sibling = { process, questions };
  return sibling;
};

/** Starts so many processes. */
export const createGroup = ({
  config,
  log: { logger },
  timers = systemTimers,
  ...deps
}: GroupDeps): Group => {
  const listening = createCount<void>(config.processes);
  const ready = createCount<StartFields>(config.processes);
  const { promise: broken, resolve: breakUp } = Promise.withResolvers<Error>();
  const siblings = createSiblings(() => all);
  const context: GroupContext = {
    ...{ ...deps, timers, logger, warnOnce: createWarnOnce(logger), answer: siblings.answer },
    places: {
      requests: createSharedPlaces({ limits: config.limits, timers }),
      bodies: createSharedPlaces({ limits: BODY_LIMITS, timers }),
    },
    onListening: (sibling) => listening.came(sibling, undefined),
    onReady: ready.came,
    onFailedStart(failure) {
      const error = new ProcessStartError(failure);
      listening.reject(error);
      ready.reject(error);
    },
    onGivenUp: () =>
      breakUp(
        new Error('a process of the gateway ends again and again (its log says how): the gateway ends'),
      ),
  };
  const all = Array.from({ length: config.processes }, () => openSibling(context));
  let ended: ReturnType<Group['end']> | undefined;

  const signal = (name: 'SIGTERM' | 'SIGHUP'): void => {
    for (const { process } of all) process.send({ type: 'signal', signal: name });
  };

  return {
    listening: listening.promise,
    ready: ready.promise,
    broken,
    signal,
    end() {
      if (ended) return ended;
      ended = Promise.all(all.map(({ process }) => process.end()));
      signal('SIGTERM');
      return ended;
    },
    kill() {
      for (const { process } of all) process.kill();
    },
  };
};
