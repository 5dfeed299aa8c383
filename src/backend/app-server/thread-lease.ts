import type { CallContext } from '../../gateway/ports.ts';
import type { TurnRoute } from './turn/turn-route.ts';
import type { Worker } from './worker/worker.ts';

/** A thread that one request holds. Whatever happens to the request, its turn is stopped and its thread let go. */
export interface ThreadLease {
  /** The app-server has named the thread; the request may have given up by then. */
  open(threadId: string): TurnRoute;
  /** From now on there may be a turn to interrupt. */
  turnRequested(): void;
  /** Lets the thread go; a second call does nothing. */
  release(): void;
}

/** How long an interrupted turn, or the clean-up after one, may take before we stop waiting for it. */
const CLEANUP_MS = 10_000;

const abortable = <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return Promise.race([work, promise]);
};

const cleanUpContext = ({ span }: TurnRoute): CallContext => ({
  span,
  signal: AbortSignal.timeout(CLEANUP_MS),
});

const stopTurn = async (worker: Worker, { threadId, turn, span }: TurnRoute): Promise<void> => {
  const signal = AbortSignal.timeout(CLEANUP_MS);
  const turnId = await abortable(turn.turnStarted, signal);
  if (turn.completed) return;
  await worker.rpc.callRpc({ span, signal }, 'turn/interrupt', { threadId, turnId });
  // Unsubscribing from a turn that still runs would let it run to its end, unseen.
  await abortable(turn.turnCompleted, signal);
};

/** Interrupts what still runs, then lets the thread go, so that the process does not keep it for ever. */
const cleanUp = async (worker: Worker, route: TurnRoute, interrupt: boolean): Promise<void> => {
  // An interrupt that comes too late, or is not heeded, must not keep the thread.
  if (interrupt) await stopTurn(worker, route).catch(() => undefined);
  await worker.rpc.callRpc(cleanUpContext(route), 'thread/unsubscribe', { threadId: route.threadId });
};

export const createThreadLease = (worker: Worker, context: CallContext): ThreadLease => {
  let route: TurnRoute | undefined;
  let requested = false;
  let released = false;

  const letGo = (held: TurnRoute): void => {
    worker.turns.retire(held);
    // A failed clean-up stands on its own span; the request has its answer already.
    cleanUp(worker, held, requested && !held.turn.completed).catch(() => undefined);
  };

  const release = (): void => {
    if (released) return;
    released = true;
    if (route) letGo(route);
  };

  return {
    open(threadId) {
      route = worker.turns.add(threadId, context.span, release);
      if (released) letGo(route);
      return route;
    },
    turnRequested() {
      requested = true;
    },
    release,
  };
};
