import type { RunningTurn } from '../../gateway/ports.ts';
import { systemLater } from '../../later.ts';
import type { TurnRoute } from './turn/turn-route.ts';
import type { WorkerUse } from './worker/pool.ts';

/** Most interrupted turns end within 2 ms. */
const LATE_USAGE_MS = 200;

/** Resolves when the turn is over, or the worker is, or nobody should wait any longer. */
const overSoon = ({ worker }: WorkerUse, { turn }: TurnRoute): Promise<unknown> => {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = systemLater(LATE_USAGE_MS, resolve);
  return Promise.race([turn.turnCompleted, worker.exited, late]).finally(cancel);
};

/** A turn as the gateway sees it; `release` lets go of its thread. */
export const toRunning = (
  use: WorkerUse,
  route: TurnRoute,
  release: () => void,
  told: Pick<RunningTurn, 'model' | 'requestedNs'>,
): RunningTurn => ({
  ...told,
  conversationId: route.threadId,
  attach: (span) => {
    route.span = span;
  },
  events: route.read(release),
  async stop() {
    if (!route.turn.completed) {
      release();
      await overSoon(use, route);
    }
    const { completed, interrupted } = route.turn;
    return { usage: route.used, isComplete: completed && !interrupted };
  },
  release: () => {
    route.discard();
    release();
  },
});
