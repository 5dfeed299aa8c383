import { type GatewayError, toGatewayError } from '../../../errors.ts';
import type { RunningTurn, TraceSpan } from '../../../gateway/ports.ts';
import type { RunningRelay } from '../../../gateway/relay.ts';
import type { ToolCall, Turn, TurnEvent, Usage } from '../../../gateway/turn.ts';
import type { Later } from '../../../later.ts';
import type { Pace } from '../../../pace.ts';
import { ATTR_GEN_AI_RESPONSE_ID } from '../../../telemetry/semconv.ts';
import { recordAnsweredCall, recordClientCall } from '../../tool-blocks.ts';
import { sumUsage } from '../../usage-sum.ts';
import type { AnswerFacts } from '../read-along/answer-facts.ts';
import { callAttributes } from './call-attributes.ts';
import type { UpstreamMessage } from './messages.ts';
import { endedEarly } from './provider-errors.ts';
import { type AnswerEnd, readAnswer } from './read-answer.ts';
import {
  callsOf,
  callsUnknown,
  finishReasonOf,
  refusalsOf,
  remindingMessages,
  tooManyCalls,
  unknownToolCalled,
} from './tool-calls.ts';

export interface TranslatedTurnDeps {
  readonly pace: Pace;
  readonly later: Later;
  /** Makes an id for a call that came without one. */
  readonly newId: () => string;
  readonly forwardsKey: boolean;
  /** Sends another request of the turn: the messages of the first, followed by `behind`. */
  readonly sendAgain: (span: TraceSpan, behind: readonly UpstreamMessage[]) => Promise<RunningRelay>;
}

/** The usage of a turn so far, over all its requests. */
const createTotals = (current: () => Usage | null) => {
  let earlier: Usage | null = null;
  let last: Usage | null = null;
  let total: Usage | null = null;
  const sum = (): Usage | null => {
    const usage = current();
    // Returns the same object until the usage changes.
    if (usage !== last) total = usage && earlier ? sumUsage(earlier, usage) : (usage ?? earlier);
    last = usage;
    return total;
  };
  return {
    get usage() {
      return sum();
    },
    /** Whether the current request has reported its usage. */
    get isWhole() {
      return current() !== null;
    },
    /** Call before another request begins. */
    next(): void {
      earlier = sum();
      last = null;
    },
  };
};

/** The requests of a turn, one at a time. */
interface Requests {
  /** The current request. */
  readonly running: RunningRelay;
  /** The current span. */
  readonly span: TraceSpan;
  readonly totals: ReturnType<typeof createTotals>;
  readonly model: string | null;
  attach(span: TraceSpan): void;
  follow(facts: () => AnswerFacts): void;
  /** Records the id and the model of the answer on the span. */
  tellFacts(): void;
  /** Ends the current request and sends another: the messages of the first, followed by `behind`. */
  again(behind: readonly UpstreamMessage[]): Promise<void>;
  /** Ends the current request, and one that is just being sent. */
  release(): void;
}

const createRequests = (
  first: RunningRelay,
  firstSpan: TraceSpan,
  { sendAgain }: TranslatedTurnDeps,
): Requests => {
  let running = first;
  let span = firstSpan;
  let known: () => AnswerFacts | null = () => null;
  const totals = createTotals(() => known()?.usage ?? null);
  let isReleased = false;
  return {
    totals,
    get running() {
      return running;
    },
    get span() {
      return span;
    },
    get model() {
      return known()?.model ?? null;
    },
    attach(next) {
      span = next;
    },
    follow(facts) {
      known = facts;
    },
    tellFacts() {
      span.set({ [ATTR_GEN_AI_RESPONSE_ID]: known()?.id ?? undefined });
    },
    async again(behind) {
      running.release();
      totals.next();
      known = () => null;
      running = await sendAgain(span, behind);
      if (isReleased) running.release();
    },
    release() {
      isReleased = true;
      running.release();
    },
  };
};

function* usageOf({ totals: { usage, isWhole } }: Requests): Generator<TurnEvent> {
  if (usage) yield { type: 'usage', usage, ...(!isWhole && { isPartial: true }) };
}

function* failed(requests: Requests, error: GatewayError): Generator<TurnEvent> {
  yield* usageOf(requests);
  yield { type: 'failed', error };
}

/** Yields the texts of one answer as they come, and collects them in `said`. */
async function* tellAnswer(
  { running, span, follow, tellFacts }: Requests,
  { pace, later, forwardsKey }: TranslatedTurnDeps,
  message: number,
  said: string[],
): AsyncGenerator<TurnEvent, AnswerEnd> {
  const { result } = running;
  if (result.type === 'failed') return { facts: null, error: result.error };
  const deltas = readAnswer(result.answer, { span, running, pace, later, forwardsKey, follow });
  try {
    for (;;) {
      const { done, value } = await deltas.next();
      if (done) return value;
      const { text, reasoning } = value;
      if (reasoning !== '') yield { type: 'reasoning', delta: reasoning, part: message };
      if (text === '') continue;
      said.push(text);
      yield { type: 'text', delta: text, message };
    }
  } finally {
    // Only closes a generator that was left early: nobody gets this value.
    await deltas.return({ facts: null, error: endedEarly() });
    tellFacts();
  }
}

async function* tellEnd(
  requests: Requests,
  facts: AnswerFacts,
  calls: readonly ToolCall[],
  pace: Pace,
): AsyncGenerator<TurnEvent> {
  for (const call of calls) {
    recordClientCall(requests.span, call);
    yield { type: 'tool_call', ...call };
    await pace.rest();
  }
  yield* usageOf(requests);
  yield { type: 'done', finishReason: finishReasonOf(facts, calls) };
}

/** Yields the events of a turn. If the model calls a tool that was not offered, it is told so and asked again, once. */
async function* tell(
  requests: Requests,
  { tools }: Turn,
  deps: TranslatedTurnDeps,
): AsyncGenerator<TurnEvent> {
  for (const message of [0, 1]) {
    const said: string[] = [];
    const { facts, error } = yield* tellAnswer(requests, deps, message, said);
    if (error) return yield* failed(requests, error);
    const calls = callsOf(facts, deps.newId);
    const tooMany = tooManyCalls(calls);
    if (tooMany) return yield* failed(requests, tooMany);
    if (!callsUnknown(calls, tools)) return yield* tellEnd(requests, facts, calls, deps.pace);
    if (message === 1) return yield* failed(requests, unknownToolCalled());
    const refused = refusalsOf(calls, tools);
    for (const { call, output } of refused) recordAnsweredCall(requests.span, call, output);
    try {
      await requests.again(remindingMessages(said.join(''), refused));
    } catch (thrown) {
      return yield* failed(requests, toGatewayError(thrown));
    }
  }
}

/** Runs a turn as requests of Chat Completions. `first`: the one that has been sent. */
export const runTranslated = (
  turn: Turn,
  first: RunningRelay,
  span: TraceSpan,
  deps: TranslatedTurnDeps,
): RunningTurn => {
  const requests = createRequests(first, span, deps);
  const { totals, attach, release } = requests;
  const { requestedNs, sentNs, connectMs } = first;
  let isOver = false;

  async function* events(): AsyncGenerator<readonly TurnEvent[]> {
    try {
      for await (const event of tell(requests, turn, deps)) {
        isOver ||= event.type === 'done';
        yield [event];
      }
    } finally {
      release();
    }
  }

  return {
    conversationId: null,
    get model() {
      return requests.model;
    },
    ...{ requestedNs, sentNs, connectMs, attach, release },
    call: { operation: 'chat', attributes: callAttributes(turn, first) },
    events: events(),
    async stop() {
      if (!isOver) release();
      return { usage: totals.usage, isComplete: isOver && totals.isWhole };
    },
  };
};
