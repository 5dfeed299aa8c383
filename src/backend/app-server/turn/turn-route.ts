import { GatewayError } from '../../../errors.ts';
import type { TraceSpan } from '../../../gateway/ports.ts';
import { isLast, type Tool, type TurnEvent, type TurnEvents, type Usage } from '../../../gateway/turn.ts';
import { systemTimers, type Timers } from '../../../later.ts';
import { recordClientCall } from '../../tool-blocks.ts';
import { type CalledTools, type ClientCalls, createClientCalls } from './client-calls.ts';
import { type DeltaLine, isTextDelta, learnDeltaLine } from './delta-line.ts';
import { createEventQueue, type Shared } from './event-queue.ts';
import { createRecorder } from './notification-events.ts';
import { parseTurnNotification, turnIdOf } from './notifications.ts';
import { createStallWatch, type StallLimits, type StallWatch, startsTool } from './stall-watch.ts';
import { addUsage } from './token-usage.ts';
import { createToolSpans, type ToolSpans } from './tool-spans.ts';
import { createTurnLife, type TurnLife } from './turn-life.ts';
import { createTurnReducer } from './turn-reducer.ts';

/** Where the notifications of one thread go: onto the request's span, and into its answer. */
export interface TurnRoute {
  readonly threadId: string;
  /** The span that takes the events from now on. */
  span: TraceSpan;
  readonly turn: TurnLife;
  /** Its answer, for one reader; `onEnd` is called when the reader has its end, or has left. */
  read(onEnd?: () => void): TurnEvents;
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
  /** Takes a notification; `line` is what it was read from, where it was. */
  take(method: string, params: unknown, line?: string): void;
  /** What the lines look like that go on with the text of the last one; null where they have to be parsed. */
  deltaLine: DeltaLine | null;
  /** Takes the delta of a line that looks so. */
  takeDelta(delta: string): void;
  /**
   * Takes an `item/tool/call`. False when the client has no such tool. A call that is the client's must not be answered before the
   * turn is over: the model would be called again.
   */
  ask(params: unknown): boolean;
  /** Ends the answer from our side, whatever the app-server still does: the turn counts as abandoned. */
  fail(error: GatewayError): void;
}

const malformed = (method: string, reason: string): GatewayError =>
  new GatewayError('backend_error', `The backend sent a malformed ${method}: ${reason}`);

const tooManyCalls = (max: number): GatewayError =>
  new GatewayError('backend_error', `The model called more than ${max} tools at once.`);

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

interface Hearers {
  readonly watch: StallWatch | undefined;
  readonly tools: ToolSpans;
  readonly calls: ClientCalls;
  push(event: TurnEvent): void;
}

/** What the route does with all that the app-server says of its thread: records it, and makes the answer of it. */
const createHearing = (
  heardBy: () => TurnRoute,
  { watch, tools, calls, push }: Hearers,
): Pick<TurnRoute, 'take' | 'takeDelta'> => {
  const reduce = createTurnReducer();
  const record = createRecorder();
  return {
    take(method, params, line) {
      const route = heardBy();
      watch?.heard();
      record.notification(route.span, method, params);
      const isOwn = route.turn.observe(method, params, turnIdOf(params));
      if (!isOwn || (route.ended && method !== USAGE)) return;
      if (startsTool(method, params)) watch?.answered();
      tools.observe(route.span, method, params);
      const parsed = parseTurnNotification(method, params);
      if (parsed.type === 'known') reduce(parsed.notification).forEach(push);
      if (parsed.type === 'malformed') route.fail(malformed(method, parsed.reason));
      if (!route.ended) calls.hear(method, params);
      if (line && parsed.type === 'known' && isTextDelta(parsed.notification))
        route.deltaLine = learnDeltaLine(line, parsed.notification);
    },
    takeDelta(delta) {
      const { span, deltaLine, ended } = heardBy();
      if (!deltaLine) return;
      const { method, params } = deltaLine.notification;
      watch?.heard();
      record.delta(span, deltaLine, delta);
      if (ended) return;
      reduce({ method, params: { ...params, delta } }).forEach(push);
      calls.hear(method, params);
    },
  };
};

interface RouteOptions {
  /** How long the turn may be silent; without it as long as it likes. */
  readonly limits?: StallLimits | undefined;
  readonly timers?: Timers;
  readonly shared?: Partial<Shared>;
}

export const createTurnRoute = (
  threadId: string,
  firstSpan: TraceSpan,
  onAbandoned: (route: TurnRoute) => void,
  { limits, timers = systemTimers, shared = {} }: RouteOptions = {},
): TurnRoute => {
  const tools = createToolSpans();
  const queue = createEventQueue({ ...shared, onAbandoned: () => abandon() });
  const watch = limits && createStallWatch(limits, (error) => route.fail(error), timers);
  const calls = createClientCalls({
    later: timers.later,
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
    read: queue.read,
    discard: queue.discard,
    ended: false,
    used: null,
    turnRequested: () => watch?.start(),
    heard: () => watch?.heard(),
    offer: calls.offer,
    ask: calls.ask,
    deltaLine: null,
    ...createHearing(() => route, { watch, tools, calls, push }),
    fail(error) {
      if (route.ended) return;
      push({ type: 'failed', error });
      abandon();
    },
  };
  return route;
};
