import type { TraceSpan } from '../../../gateway/ports.ts';
import { beginningOf, readDelta } from './delta-line.ts';
import type { Shared } from './event-queue.ts';
import { threadIdOf } from './notifications.ts';
import type { StallLimits } from './stall-watch.ts';
import { createTurnRoute, type TurnRoute } from './turn-route.ts';

/** Finds the request that a notification belongs to: notifications carry no trace, only thread and turn ids. */
export interface TurnRouter {
  readonly active: readonly TurnRoute[];
  add(threadId: string, span: TraceSpan, onAbandoned: (route: TurnRoute) => void): TurnRoute;
  /** The route of the thread that `params` names, one that has ended not long ago included. */
  find(params: unknown): TurnRoute | undefined;
  /** Takes a line that goes on with the text of the last one of its turn, and needs not be parsed for that. False for all others. */
  takeDelta(line: string): boolean;
  /** Hands a notification to its turn; `line` is what it was read from. False when nobody's thread is named. */
  dispatch(method: string, params: unknown, line?: string): boolean;
  /** The thread's answer has ended; late notifications still find their request for a while. */
  retire(route: TurnRoute): void;
}

const MAX_RETIRED = 1000;

/** `limits` is how long each turn may be silent; without it as long as it likes. */
export const createTurnRouter = (limits?: StallLimits, shared: Partial<Shared> = {}): TurnRouter => {
  const active = new Map<string, TurnRoute>();
  const retired = new Map<string, TurnRoute>();
  /** By how the line begins that goes on with its text: one for each active route at most. */
  const byStart = new Map<string, TurnRoute>();

  const find = (params: unknown): TurnRoute | undefined => {
    const threadId = threadIdOf(params);
    return threadId === undefined ? undefined : (active.get(threadId) ?? retired.get(threadId));
  };

  const forget = ({ deltaLine }: TurnRoute): void => {
    if (deltaLine) byStart.delete(deltaLine.before);
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
    takeDelta(line) {
      const start = beginningOf(line);
      const route = start === null ? undefined : byStart.get(start);
      const delta = route?.deltaLine ? readDelta(line, route.deltaLine) : null;
      if (delta === null) return false;
      route?.takeDelta(delta);
      return true;
    },
    dispatch(method, params, line) {
      const route = find(params);
      if (!route) return false;
      forget(route);
      route.take(method, params, line);
      if (route.deltaLine && active.get(route.threadId) === route) byStart.set(route.deltaLine.before, route);
      return true;
    },
    retire(route) {
      forget(route);
      active.delete(route.threadId);
      retired.set(route.threadId, route);
      const oldest = retired.keys().next();
      if (retired.size > MAX_RETIRED && !oldest.done) retired.delete(oldest.value);
    },
  };
};
