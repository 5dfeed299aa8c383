import { toGatewayError } from '../../../errors.ts';
import type { RunningTurn, TraceSpan } from '../../../gateway/ports.ts';
import type { RunningRelay } from '../../../gateway/relay.ts';
import type { Turn, TurnEvent, Usage } from '../../../gateway/turn.ts';
import type { Later } from '../../../later.ts';
import type { Pace } from '../../../pace.ts';
import { ATTR_GEN_AI_RESPONSE_ID, ATTR_GEN_AI_RESPONSE_MODEL } from '../../../telemetry/semconv.ts';
import { recordAnsweredCall, recordClientCall } from '../../app-server/turn/tool-blocks.ts';
import { sumUsage } from '../../usage-sum.ts';
import type { AnswerFacts } from '../read-along/answer-facts.ts';
import { callAttributes } from './call-attributes.ts';
import type { ChatMessage } from './messages.ts';
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
  /** For calls that a server gives no id. */
  readonly newId: () => string;
  readonly forwardsKey: boolean;
  /** Sends one more request of the turn, with these messages behind those of the first. */
  readonly sendAgain: (span: TraceSpan, behind: readonly ChatMessage[]) => Promise<RunningRelay>;
}

/** A model that calls a tool which nobody offered is asked once more. */
const MAX_TRIES = 2;

/** What is known of a turn by now, over all its tries. */
const createTotals = () => {
  let earlier: Usage | null = null;
  let current: Usage | null = null;
  let total: Usage | null = null;
  return {
    take({ usage }: AnswerFacts): void {
      if (usage === current) return;
      current = usage;
      total = usage && earlier ? sumUsage(earlier, usage) : (usage ?? earlier);
    },
    next(): void {
      earlier = total;
      current = null;
    },
    /** The same object as long as nothing is added. */
    get usage() {
      return total;
    },
    /** Whether the try that is under way has told what it used. */
    get isWhole() {
      return current !== null;
    },
  };
};

/** A turn as the answer to a request of Chat Completions. */
export const runTranslated = (
  turn: Turn,
  first: RunningRelay,
  firstSpan: TraceSpan,
  deps: TranslatedTurnDeps,
): RunningTurn => {
  const totals = createTotals();
  let running = first;
  let span = firstSpan;
  let model: string | null = null;
  let isOver = false;
  let isReleased = false;

  const hear = (facts: AnswerFacts): void => {
    totals.take(facts);
    if (facts.model !== null && facts.model !== model) {
      model = facts.model;
      span.set({ [ATTR_GEN_AI_RESPONSE_MODEL]: model });
    }
    if (facts.id !== null) span.set({ [ATTR_GEN_AI_RESPONSE_ID]: facts.id });
  };

  function* usage(): Generator<TurnEvent> {
    if (totals.usage)
      yield { type: 'usage', usage: totals.usage, ...(!totals.isWhole && { isPartial: true }) };
  }

  /** One answer. Its texts are told as they come: `said` keeps them for a second try. */
  async function* answer(message: number, said: string[]): AsyncGenerator<TurnEvent, AnswerEnd> {
    const { result } = running;
    if (result.type === 'failed') return { facts: null, error: result.error };
    const { pace, later, forwardsKey } = deps;
    const deltas = readAnswer(result.answer, { span, running, pace, later, forwardsKey, hear });
    for (;;) {
      const { done, value } = await deltas.next();
      if (done) return value;
      if (value.reasoning !== '') yield { type: 'reasoning', delta: value.reasoning, part: message };
      if (value.text === '') continue;
      said.push(value.text);
      yield { type: 'text', delta: value.text, message };
    }
  }

  /** Answers the calls of a tool that nobody offered, and asks the model again. Gives why that cannot be, where it cannot. */
  const remind = async (facts: AnswerFacts, said: string): Promise<void> => {
    const refused = refusalsOf(callsOf(facts, deps.newId), turn.tools);
    for (const { call, output } of refused) recordAnsweredCall(span, call, output);
    running.release();
    totals.next();
    running = await deps.sendAgain(span, remindingMessages(said, refused));
    if (isReleased) running.release();
  };

  async function* failed(thrown: unknown): AsyncGenerator<TurnEvent> {
    yield* usage();
    yield { type: 'failed', error: toGatewayError(thrown) };
  }

  async function* tell(): AsyncGenerator<TurnEvent> {
    for (let tries = 1; ; tries++) {
      const said: string[] = [];
      const { facts, error } = yield* answer(tries - 1, said);
      if (error || !facts) return yield* failed(error);
      const calls = callsOf(facts, deps.newId);
      const tooMany = tooManyCalls(calls);
      if (tooMany) return yield* failed(tooMany);
      if (!callsUnknown(calls, turn.tools)) {
        for (const { callId, name, arguments: args } of calls) {
          recordClientCall(span, { callId, name, arguments: args });
          yield { type: 'tool_call', callId, name, arguments: args };
          await deps.pace.rest();
        }
        isOver = true;
        yield* usage();
        return yield { type: 'done', finishReason: finishReasonOf(facts, calls) };
      }
      if (tries === MAX_TRIES) return yield* failed(unknownToolCalled());
      try {
        await remind(facts, said.join(''));
      } catch (thrown) {
        return yield* failed(thrown);
      }
    }
  }

  async function* events(): AsyncGenerator<TurnEvent> {
    try {
      yield* tell();
    } finally {
      running.release();
    }
  }

  const release = (): void => {
    isReleased = true;
    running.release();
  };

  return {
    conversationId: null,
    get model() {
      return model;
    },
    requestedNs: first.requestedNs,
    sentNs: first.sentNs,
    connectMs: first.connectMs,
    call: { operation: 'chat', attributes: callAttributes(turn, first) },
    attach(next) {
      span = next;
    },
    events: events(),
    async stop() {
      if (!isOver) release();
      return { usage: totals.usage, isComplete: isOver && totals.isWhole };
    },
    release,
  };
};
