import { GatewayError } from '../../../errors.ts';
import type { TextStream, TraceSpan } from '../../../gateway/ports.ts';
import type { TurnEvent } from '../../../gateway/turn.ts';
import { createEventQueue } from './event-queue.ts';
import { parseTurnNotification } from './notifications.ts';
import { createStallWatch, type StallLimits, startsTool } from './stall-watch.ts';
import { createToolSpans } from './tool-spans.ts';
import { createTurnLife, type TurnLife } from './turn-life.ts';
import { createTurnReducer } from './turn-reducer.ts';

/** Where the notifications of one thread go: onto the request's span, and into its answer. */
export interface TurnRoute {
  readonly threadId: string;
  /** The span that takes the events from now on. */
  span: TraceSpan;
  readonly turn: TurnLife;
  readonly events: AsyncIterable<TurnEvent>;
  readonly ended: boolean;
  /** The turn is asked for: from now on its silence is bounded. */
  turnRequested(): void;
  /** The app-server has asked something on the turn's behalf: it is alive. */
  heard(): void;
  take(method: string, params: unknown): void;
  /** Ends the answer from our side, whatever the app-server still does: the turn counts as abandoned. */
  fail(error: GatewayError): void;
}

const isDelta = (method: string): boolean => /delta$/i.test(method);

/** A delta's text may hold half a secret: what the event shows is the part that is safe by now. */
const createDeltaView = () => {
  const streams = new Map<string, TextStream>();
  return (span: TraceSpan, method: string, params: unknown): unknown => {
    if (!isDelta(method) || typeof params !== 'object' || params === null) return params;
    const { itemId, delta } = params as { itemId?: unknown; delta?: unknown };
    if (typeof delta !== 'string') return params;
    const key = `${method} ${String(itemId)}`;
    const stream = streams.get(key) ?? span.textStream();
    streams.set(key, stream);
    return { ...params, delta: stream.push(delta) };
  };
};

export const createTurnRoute = (
  threadId: string,
  firstSpan: TraceSpan,
  onAbandoned: (route: TurnRoute) => void,
  limits?: StallLimits,
): TurnRoute => {
  const reduce = createTurnReducer();
  const tools = createToolSpans();
  const view = createDeltaView();
  const queue = createEventQueue({
    onAbandoned() {
      end();
      onAbandoned(route);
    },
  });
  const watch = limits && createStallWatch(limits, (error) => route.fail(error));
  const turn = createTurnLife();
  let ended = false;

  const end = (): void => {
    ended = true;
    tools.close();
    watch?.stop();
  };

  const push = (event: TurnEvent): void => {
    if (ended) return;
    if (event.type === 'done' || event.type === 'failed') end();
    else if (event.type !== 'usage') watch?.answered();
    queue.push(event);
  };

  const route: TurnRoute = {
    threadId,
    span: firstSpan,
    turn,
    events: queue.events,
    get ended() {
      return ended;
    },
    turnRequested: () => watch?.start(),
    heard: () => watch?.heard(),
    take(method, params) {
      watch?.heard();
      route.span.event('rpc_notification', {
        payload: { method, params: view(route.span, method, params) },
        bulk: isDelta(method),
      });
      const isOurs = turn.observe(method, params);
      if (ended || !isOurs) return;
      if (startsTool(method, params)) watch?.answered();
      tools.observe(route.span, method, params);
      const parsed = parseTurnNotification(method, params);
      if (parsed.type === 'known') reduce(parsed.notification).forEach(push);
      if (parsed.type === 'malformed') {
        route.fail(
          new GatewayError('backend_error', `The backend sent a malformed ${method}: ${parsed.reason}`),
        );
      }
    },
    fail(error) {
      if (ended) return;
      push({ type: 'failed', error });
      onAbandoned(route);
    },
  };
  return route;
};
