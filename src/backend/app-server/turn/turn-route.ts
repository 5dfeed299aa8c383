import { GatewayError } from '../../../errors.ts';
import type { HeldTexts, TraceSpan } from '../../../gateway/ports.ts';
import { isLast, type Tool, type TurnEvent, type Usage } from '../../../gateway/turn.ts';
import { type Later, systemLater } from '../../../later.ts';
import { recordClientCall } from '../../tool-blocks.ts';
import { type CalledTools, createClientCalls } from './client-calls.ts';
import { createEventQueue, type Shared } from './event-queue.ts';
import { parseTurnNotification } from './notifications.ts';
import { createStallWatch, type StallLimits, startsTool } from './stall-watch.ts';
import { addUsage } from './token-usage.ts';
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
  /** Nobody reads the events any more. */
  discard(): void;
  /** Nothing more is told of the answer. */
  ended: boolean;
  /** What the turn has used, as far as it was told by now. */
  used: Usage | null;
  /** The turn is asked for: from now on its silence is bounded. */
  turnRequested(): void;
  /** The app-server has asked something on the turn's behalf: it is alive. */
  heard(): void;
  /** The tools that the client runs: a call of one ends the answer. */
  offer(tools: readonly Tool[]): void;
  take(method: string, params: unknown): void;
  /**
   * Takes an `item/tool/call`. False when the client has no such tool. A call that is the client's must not be answered before the
   * turn is over: the model would be called again.
   */
  ask(params: unknown): boolean;
  /** Ends the answer from our side, whatever the app-server still does: the turn counts as abandoned. */
  fail(error: GatewayError): void;
}

const isDelta = (method: string): boolean => /delta$/i.test(method);

/** A delta's text may hold half a secret: what the event shows is the part that is safe by now. */
const createDeltaView = () => {
  let texts: HeldTexts | null = null;
  return (span: TraceSpan, method: string, params: unknown): unknown => {
    if (!isDelta(method) || typeof params !== 'object' || params === null) return params;
    const { itemId, delta } = params as { itemId?: unknown; delta?: unknown };
    if (typeof delta !== 'string') return params;
    texts ??= span.texts();
    return { ...params, delta: texts.push(`${method} ${String(itemId)}`, delta) };
  };
};

const malformed = (method: string, reason: string): GatewayError =>
  new GatewayError('backend_error', `The backend sent a malformed ${method}: ${reason}`);

const tooManyCalls = (max: number): GatewayError =>
  new GatewayError('backend_error', `The model called more than ${max} tools at once.`);

const createRecorder = () => {
  const view = createDeltaView();
  return (span: TraceSpan, method: string, params: unknown): void =>
    span.event('rpc_notification', {
      payload: { method, params: view(span, method, params) },
      bulk: isDelta(method),
    });
};

/**
 * An answer ends with the calls, and with what the whole turn has used until then. The turn itself waits for results that will
 * never come; it is stopped by whoever has read the end.
 */
const endWith = ({ calls, usage }: CalledTools, used: Usage | null): TurnEvent[] => [
  ...calls.map((call): TurnEvent => ({ type: 'tool_call', ...call })),
  ...(usage ? [{ type: 'usage', usage: addUsage(used, usage) } as const] : []),
  { type: 'done', finishReason: 'tool_calls' },
];

/** A turn that is interrupted tells what it has used when its answer has ended already. */
const USAGE = 'thread/tokenUsage/updated';

interface RouteOptions {
  /** How long the turn may be silent; without it as long as it likes. */
  readonly limits?: StallLimits | undefined;
  readonly later?: Later;
  readonly shared?: Partial<Shared>;
}

export const createTurnRoute = (
  threadId: string,
  firstSpan: TraceSpan,
  onAbandoned: (route: TurnRoute) => void,
  { limits, later = systemLater, shared = {} }: RouteOptions = {},
): TurnRoute => {
  const reduce = createTurnReducer();
  const tools = createToolSpans();
  const record = createRecorder();
  const queue = createEventQueue({ ...shared, onAbandoned: () => abandon() });
  const watch = limits && createStallWatch(limits, (error) => route.fail(error), later);
  const calls = createClientCalls({
    later,
    onCalled: (called) => endWith(called, route.used).forEach(push),
    onAnswered: (one) => tools.answered(route.span, one),
    onTooMany: (max) => route.fail(tooManyCalls(max)),
  });

  const end = (): void => {
    route.ended = true;
    tools.close();
    calls.stop();
    watch?.stop();
  };

  const abandon = (): void => {
    end();
    onAbandoned(route);
  };

  const push = (event: TurnEvent): void => {
    if (event.type === 'usage') route.used = event.usage;
    if (route.ended) return;
    if (event.type === 'tool_call') recordClientCall(route.span, event);
    if (isLast(event)) end();
    else if (event.type !== 'usage') watch?.answered();
    queue.push(event);
  };

  const route: TurnRoute = {
    threadId,
    span: firstSpan,
    turn: createTurnLife(),
    events: queue.events,
    discard: queue.discard,
    ended: false,
    used: null,
    turnRequested: () => watch?.start(),
    heard: () => watch?.heard(),
    offer: calls.offer,
    ask: calls.ask,
    take(method, params) {
      watch?.heard();
      record(route.span, method, params);
      if (!route.turn.observe(method, params) || (route.ended && method !== USAGE)) return;
      if (startsTool(method, params)) watch?.answered();
      tools.observe(route.span, method, params);
      const parsed = parseTurnNotification(method, params);
      if (parsed.type === 'known') reduce(parsed.notification).forEach(push);
      if (parsed.type === 'malformed') route.fail(malformed(method, parsed.reason));
      if (!route.ended) calls.hear(method, params);
    },
    fail(error) {
      if (route.ended) return;
      push({ type: 'failed', error });
      abandon();
    },
  };
  return route;
};
