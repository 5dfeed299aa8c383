import type { TraceSpan } from '../../../gateway/ports.ts';
import type { Shared } from './event-queue.ts';
import { addressOf } from './notifications.ts';
import type { StallLimits } from './stall-watch.ts';
import { createTurnRoute, type TurnRoute } from './turn-route.ts';

/** Finds the request that a notification belongs to: notifications carry no trace, only thread and turn ids. */
export interface TurnRouter {
  readonly active: readonly TurnRoute[];
  add(threadId: string, span: TraceSpan, onAbandoned: (route: TurnRoute) => void): TurnRoute;
  /** The route of the thread that `params` names, one that has ended not long ago included. */
  find(params: unknown): TurnRoute | undefined;
  /** Hands a notification to its turn. False when nobody's thread is named. */
  dispatch(method: string, params: unknown): boolean;
  /** The thread's answer has ended; late notifications still find their request for a while. */
  retire(route: TurnRoute): void;
}

const MAX_RETIRED = 1000;

/** `limits` is how long each turn may be silent; without it as long as it likes. */
export const createTurnRouter = (limits?: StallLimits, shared: Partial<Shared> = {}): TurnRouter => {
  const active = new Map<string, TurnRoute>();
  const retired = new Map<string, TurnRoute>();

  const find = (params: unknown): TurnRoute | undefined => {
    const { threadId } = addressOf(params);
    return threadId === undefined ? undefined : (active.get(threadId) ?? retired.get(threadId));
  };

  return {
    get active() {
      return [...active.values()];
    },
    add(threadId, span, onAbandoned) {
      const route = createTurnRoute(threadId, span, onAbandoned, { limits, shared });
      active.set(threadId, route);
      return route;
    },
    find,
    dispatch(method, params) {
      const route = find(params);
      if (!route) return false;
      route.take(method, params);
      return true;
    },
    retire(route) {
      active.delete(route.threadId);
      retired.set(route.threadId, route);
      const oldest = retired.keys().next();
      if (retired.size > MAX_RETIRED && !oldest.done) retired.delete(oldest.value);
    },
  };
};
