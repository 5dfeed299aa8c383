import type { StallLimits } from '../../src/backend/app-server/turn/stall-watch.ts';
import { createTurnRoute } from '../../src/backend/app-server/turn/turn-route.ts';
import type { TurnEvent } from '../../src/gateway/turn.ts';
import { createFakeSpan } from './fake-span.ts';
import type { Notified } from './notifications.ts';

/** The route of a turn on the thread `th`, whose silence between calls of tools is over when a test runs its timers. */
export const openRoute = (limits?: StallLimits) => {
  const span = createFakeSpan('backend_io');
  const abandoned: unknown[] = [];
  const timers = new Set<() => void>();
  const route = createTurnRoute(
    'th',
    span,
    (given) => void abandoned.push(given),
    limits,
    (_, work) => {
      timers.add(work);
      return () => timers.delete(work);
    },
  );
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
