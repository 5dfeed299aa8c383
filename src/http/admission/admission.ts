import type { GatewayError } from '../../errors.ts';
import type { Later } from '../../later.ts';
import { createKeyShares } from './key-shares.ts';
import { createOccupied } from './occupied.ts';
import { queueFull, queueTimeout, shuttingDown } from './refusals.ts';
import { createWaitingLine, type Waiter, type WaitingLine } from './waiting-line.ts';

export interface AdmissionLimits {
  readonly maxConcurrency: number;
  /** Of these, streams. */
  readonly maxStreams: number;
  /** Of these, requests of one API key, waiting ones included; null where nobody has to share. */
  readonly maxPerKey: number | null;
  readonly queueMax: number;
  readonly queueWaitMs: number;
}

/** A request that wants a place. */
export interface Wish {
  /** The name of its API key; null where no keys are set. */
  readonly key: string | null;
  readonly stream: boolean;
  /** Aborts when nobody waits for the answer any more; its reason is the `GatewayError` that ends the request. */
  readonly signal: AbortSignal;
}

/** Gives the place back; a second call does nothing. */
export type Release = () => void;

/** Decides who may use the backend now, who waits and who is refused. */
export interface Admission {
  /**
   * Resolves once there is a place. Rejects with a `GatewayError`: `key_concurrency_exceeded`, `queue_full`,
   * `queue_timeout`, `shutting_down`, or the signal's reason.
   */
  admit(wish: Wish): Promise<Release>;
  /** From now on everybody is refused as `shutting_down`, those that wait included. */
  close(): void;
  readonly state: { readonly running: number; readonly streams: number; readonly waiting: number };
}

/** The admission of a process that has all places itself. */
export interface OwnAdmission extends Admission {
  /** Whether such a request would get a place at once. */
  hasRoom(kind: Pick<Wish, 'key' | 'stream'>): boolean;
}

interface AdmissionDeps {
  readonly limits: AdmissionLimits;
  readonly later: Later;
}

export const createAdmission = ({ limits, later }: AdmissionDeps): OwnAdmission => {
  const { maxConcurrency, maxStreams, queueMax, queueWaitMs } = limits;
  const shares = createKeyShares(limits);
  const line = createWaitingLine();
  const occupied = createOccupied();
  let closed = false;

  const fits = (stream: boolean): boolean =>
    occupied.running < maxConcurrency && (!stream || occupied.streams < maxStreams);

  const occupy = (wish: Wish): Release =>
    occupied.occupy(wish.stream, () => {
      shares.leave(wish);
      serveWaiting();
    });

  /** Whoever fits enters at once, so that one who comes later never overtakes one who waits. */
  const serveWaiting = (): void => {
    for (let next = line.next(fits); next; next = line.next(fits)) next.enter();
  };

  const gaveUp = (wish: Wish): void => shares.leave(wish);
  const waiting = { line, later, queueWaitMs, occupy, gaveUp };

  const waitingProblem = (wish: Wish): GatewayError | null =>
    shares.waitingProblem(wish, line.sizeOf(wish.key)) ??
    (line.size >= queueMax ? queueFull(queueWaitMs) : null);

  return {
    async admit(wish) {
      wish.signal.throwIfAborted();
      const isFree = fits(wish.stream);
      const problem =
        (closed ? shuttingDown() : shares.problem(wish)) ?? (isFree ? null : waitingProblem(wish));
      if (problem) throw problem;
      shares.enter(wish);
      return isFree ? occupy(wish) : waitInLine(wish, waiting);
    },
    hasRoom: (kind) => !closed && fits(kind.stream) && shares.problem(kind) === null,
    close() {
      closed = true;
      for (const waiter of line.all()) waiter.refuse(shuttingDown());
    },
    get state() {
      const { running, streams } = occupied;
      return { running, streams, waiting: line.size };
    },
  };
};

interface Waiting extends Pick<AdmissionDeps, 'later'>, Pick<AdmissionLimits, 'queueWaitMs'> {
  readonly line: WaitingLine;
  readonly occupy: (wish: Wish) => Release;
  readonly gaveUp: (wish: Wish) => void;
}

/** Ends in one of four ways: the turn has come, the time is over, the request is over, or the line is closed. */
const waitInLine = (wish: Wish, { line, later, queueWaitMs, occupy, gaveUp }: Waiting): Promise<Release> =>
  new Promise((resolve, reject) => {
    const stopWaiting = (): void => {
      stopTimer();
      wish.signal.removeEventListener('abort', onAbort);
    };
    const waiter: Waiter = {
      key: wish.key,
      stream: wish.stream,
      enter() {
        stopWaiting();
        resolve(occupy(wish));
      },
      refuse(error) {
        if (!line.remove(waiter)) return;
        stopWaiting();
        gaveUp(wish);
        reject(error);
      },
    };
    const onAbort = (): void => waiter.refuse(wish.signal.reason as GatewayError);
    const stopTimer = later(queueWaitMs, () => waiter.refuse(queueTimeout(queueWaitMs)));
    wish.signal.addEventListener('abort', onAbort, { once: true });
    line.add(waiter);
  });
