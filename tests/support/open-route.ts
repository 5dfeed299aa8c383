import type { StallLimits } from '../../src/backend/app-server/turn/stall-watch.ts';
import { createTurnRoute } from '../../src/backend/app-server/turn/turn-route.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import { createFakeSpan } from './fake-span.ts';
import { createFakeTimers } from './fake-timers.ts';
import type { Notified } from './notifications.ts';
import { allOf } from './turn-events.ts';

/** The route of a turn on the thread `th`, whose silence is over when a test moves the time. */
export const openRoute = (limits?: StallLimits) => {
  const span = createFakeSpan('backend_io');
  const abandoned: unknown[] = [];
  const timers = createFakeTimers();
  const route = createTurnRoute('th', span, (given) => void abandoned.push(given), {
    limits,
    timers,
  });
  const take = (...notifications: Notified[]) => {
    for (const [method, params] of notifications) route.take(method, params);
  };
  const answer = (): Promise<TurnEvent[]> => allOf(route.read());
  return { route, span, abandoned, timers, take, answer };
};
