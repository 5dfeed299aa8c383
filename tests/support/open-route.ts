import type { StallLimits } from '../../src/backend/app-server/turn/stall-watch.ts';
import { createTurnRoute } from '../../src/backend/app-server/turn/turn-route.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import { createFakeSpan } from './fake-span.ts';
import { createFakeTimers } from './fake-timers.ts';
import type { Notified } from './notifications.ts';

/** The route of a turn on the thread `th`, whose silence is over when a test moves the time. */
export const openRoute = (limits?: StallLimits) => {
  const span = createFakeSpan('backend_io');
  const abandoned: unknown[] = [];
  const timers = createFakeTimers();
  const route = createTurnRoute('th', span, (given) => void abandoned.push(given), {
    limits,
    later: timers.later,
  });
  const take = (...notifications: Notified[]) => {
    for (const [method, params] of notifications) route.take(method, params);
  };
  const answer = async (): Promise<TurnEvent[]> => {
    const events: TurnEvent[] = [];
    for await (const event of route.events) events.push(event);
    return events;
  };
  return { route, span, abandoned, timers, take, answer };
};
