import type { CallContext } from '../../gateway/ports.ts';
import { abortable } from '../work-deadline.ts';
import { RpcCallError } from './rpc/pending.ts';
import type { TurnRoute } from './turn/turn-route.ts';
import type { WorkerUse } from './worker/pool.ts';
import { sickUnless } from './worker/sick-unless.ts';
import type { Worker } from './worker/worker.ts';

/**
 * A thread that one request holds. Whatever happens to the request, its turn is stopped and its thread let go; a worker that
 * does not heed this in time is sick, and is replaced.
 */
export interface ThreadLease {
  /** The app-server has answered `thread/start`, be it with an error; the request may have given up by then. */
  answered(): void;
  /** The app-server has named the thread; here too the request may have given up. */
  open(threadId: string): TurnRoute;
  /** From now on there may be a turn to interrupt. */
  turnRequested(): void;
  /** The app-server has refused the turn: there is none. */
  turnRefused(): void;
  /** Lets the thread go; a second call does nothing. */
  release(): void;
}

/** A refusal is an answer: the turn has ended in the meantime, the thread is gone already. */
const unlessRefused = (thrown: unknown): void => {
  if (!(thrown instanceof RpcCallError)) throw thrown;
};

/** Interrupts the turn and waits for its end. Unsubscribing from one that still runs would let it run on, unseen. */
const stopTurn = async (
  { rpc }: Worker,
  { threadId, turn, span }: TurnRoute,
  signal: AbortSignal,
): Promise<void> => {
  const turnId = await abortable(turn.turnStarted, signal);
  if (turn.completed) return;
  await rpc.callRpc({ span, signal }, 'turn/interrupt', { threadId, turnId }).catch(unlessRefused);
  await abortable(turn.turnCompleted, signal);
};

export const createThreadLease = (
  { worker, end }: WorkerUse,
  context: CallContext,
  interruptMs: number,
): ThreadLease => {
  const answered = Promise.withResolvers<void>();
  let route: TurnRoute | undefined;
  let requested = false;
  let released = false;

  /** Interrupts what still runs, then lets the thread go, so that the process does not keep it for ever. */
  const cleanUp = async (held: TurnRoute): Promise<void> => {
    const { threadId, span, turn } = held;
    worker.turns.retire(held);
    if (requested && !turn.completed) {
      await sickUnless(worker, interruptMs, 'a turn did not end after turn/interrupt', (signal) =>
        stopTurn(worker, held, signal),
      );
    }
    await sickUnless(worker, interruptMs, 'thread/unsubscribe was not answered', (signal) =>
      worker.rpc.callRpc({ span, signal }, 'thread/unsubscribe', { threadId }).catch(unlessRefused),
    );
  };

  const letGo = (held: TurnRoute): void => void cleanUp(held).finally(end);

  const release = (): void => {
    if (released) return;
    released = true;
    if (route) letGo(route);
    // The request has given up while thread/start was under way: its answer, if it comes, finds the lease released.
    else if (context.signal.aborted) {
      void sickUnless(worker, interruptMs, 'thread/start was not answered', (signal) =>
        abortable(answered.promise, signal),
      ).finally(() => route ?? end());
    } else end();
  };

  return {
    answered: answered.resolve,
    open(threadId) {
      route = worker.turns.add(threadId, context.span, release);
      if (released) letGo(route);
      return route;
    },
    turnRequested() {
      requested = true;
      route?.turnRequested();
    },
    turnRefused() {
      requested = false;
    },
    release,
  };
};
