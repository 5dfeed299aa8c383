import type { GatewayError } from '../errors.ts';
import type { AttributeSet, Exchange, NameModel, TraceSpan, TurnAnswer } from '../gateway/ports.ts';
import type { Tell, TurnEvent, Usage } from '../gateway/turn.ts';
import { createPace, type Pace } from '../pace.ts';
import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_CONVERSATION_ID,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_TYPE,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  usageAttributes,
} from '../telemetry/semconv.ts';
import { createAnswerBound } from './answer-bound.ts';
import { failSpan } from './fail-span.ts';
import { createHeldChars, type HeldChars } from './held-chars.ts';
import { answerAlone } from './schema-answer.ts';
import { stepsOf } from './steps.ts';
import { cutAtStop } from './stop-sequences.ts';

/** The span's attributes for the operation: a turn is one model call, or the work of an agent. */
const operationOf = ({
  running: { call, conversationId },
  backend: { provider },
}: TurnAnswer): AttributeSet =>
  call
    ? { [ATTR_GEN_AI_OPERATION_NAME]: call.operation, ...call.attributes }
    : {
        [ATTR_GEN_AI_OPERATION_NAME]: 'invoke_agent',
        [ATTR_GEN_AI_AGENT_NAME]: provider,
        [ATTR_GEN_AI_CONVERSATION_ID]: conversationId ?? undefined,
      };

const openSpan = (exchange: Exchange, answer: TurnAnswer, nameModel: NameModel): TraceSpan => {
  const { turn, running, backend } = answer;
  return exchange.trace.phase('backend_io', {
    kind: 'CLIENT',
    ...(running.sentNs !== undefined && { startNs: running.sentNs }),
    attributes: {
      [ATTR_GEN_AI_PROVIDER_NAME]: backend.provider,
      [ATTR_GEN_AI_REQUEST_MODEL]: nameModel(turn.model) ?? undefined,
      [ATTR_GEN_AI_REQUEST_STREAM]: turn.stream || undefined,
      [ATTR_GEN_AI_OUTPUT_TYPE]: turn.format !== null || turn.outputSchema !== null ? 'json' : undefined,
      [ATTR_GEN_AI_RESPONSE_MODEL]: nameModel(running.model) ?? undefined,
      ...operationOf(answer),
    },
  });
};

/** Whether the texts of an answer wait in memory until its end. */
const isHeld = ({ stream, answer, outputSchema }: TurnAnswer['turn']): boolean =>
  !stream || answer.api === 'responses' || outputSchema !== null;

/** Records how long the HTTP server of a turn took. Does nothing for an app-server. */
const noteTime = ({ facts: { times } }: Exchange, { running }: TurnAnswer, nowNs: bigint): void => {
  if (running.sentNs !== undefined) times.upstreamMs ??= Number(nowNs - running.requestedNs) / 1e6;
};

/** Keeps what the span says of an answer. Gives back what takes the events. */
const createNotes = (span: TraceSpan, requestedNs: bigint): Tell => {
  let answered = false;
  return (event) => {
    switch (event.type) {
      case 'text':
      case 'reasoning':
      case 'tool_call':
        if (answered) return;
        answered = true;
        span.set({
          [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: Number(span.now() - requestedNs) / 1e9,
        });
        return;
      case 'given_up':
        return;
      case 'usage':
        return span.set(usageAttributes(event.usage satisfies Usage));
      case 'done':
        return span.set({
          outcome: 'completed',
          [ATTR_GEN_AI_RESPONSE_FINISH_REASONS]: [event.finishReason],
        });
      case 'failed':
        return failSpan(span, event.error);
    }
  };
};

type TurnEnd = Extract<TurnEvent, { type: 'done' | 'failed' }>;

/** What of a turn's events is the answer to its request: all stages of their way, none of which waits for anything. */
const createStages = ({ turn }: TurnAnswer, held: HeldChars) => {
  let told: TurnEvent[] = [];
  let end: TurnEnd | null = null;
  const bound = createAnswerBound(isHeld(turn) ? held : null);
  const collect: Tell = (event) => {
    if (end) return;
    if (event.type === 'done' || event.type === 'failed') end = event;
    else told.push(event);
  };
  const cut = cutAtStop(turn.stop, turn.stream, collect);
  const tell = turn.outputSchema === null ? cut : answerAlone(cut);
  return {
    /** The content that comes of the next events. */
    take(events: readonly TurnEvent[]): TurnEvent[] {
      told = [];
      for (const event of events) {
        const error = bound.take(event);
        tell(error ? { type: 'failed', error } : event);
        if (end) break;
      }
      return told;
    },
    /** How the answer has ended; null before. Nothing comes of what is behind it. */
    get end() {
      return end;
    },
    close: bound.close,
  };
};

/**
 * Waits, before the end of an answer, for what its turn has used. One that ends with calls has told it already; one that was cut is stopped,
 * and tells it then, if at all.
 */
const lateUsage = async (
  { running }: TurnAnswer,
  { finishReason }: Extract<TurnEvent, { type: 'done' }>,
  told: Usage | null,
): Promise<TurnEvent[]> => {
  if (told && finishReason === 'tool_calls') return [];
  const { usage, isComplete } = await running.stop();
  return usage && !(isComplete && usage === told) ? [{ type: 'usage', usage, isPartial: !isComplete }] : [];
};

/** Phase 3. Hands the backend's events on, and keeps what the span says about them. */
export const createBackendIo = (
  pace: Pace = createPace(),
  held: HeldChars = createHeldChars(),
  nameModel: NameModel = (claimed) => claimed,
) =>
  async function* backendIo(
    exchange: Exchange,
    answer: TurnAnswer,
  ): AsyncGenerator<readonly TurnEvent[], void> {
    const span = openSpan(exchange, answer, nameModel);
    const { running } = answer;
    running.attach(span);
    const note = createNotes(span, running.requestedNs);
    const stages = createStages(answer, held);
    let used: Usage | null = null;

    try {
      for await (const events of running.events) {
        for (const step of stepsOf(stages.take(events))) {
          for (const event of step) {
            if (event.type === 'usage') used = event.usage;
            note(event);
          }
          yield step;
          await pace.rest();
        }
        const { end } = stages;
        if (!end) continue;
        const late = end.type === 'done' ? await lateUsage(answer, end, used) : [];
        for (const event of [...late, end]) note(event);
        noteTime(exchange, answer, span.now());
        // Nothing rests behind it: who has all of an answer may leave before its end has been noted.
        return yield [...late, end];
      }
    } finally {
      stages.close();
      noteTime(exchange, answer, span.now());
      const { model } = running;
      if (model !== null) {
        exchange.facts.responseModel = model;
        span.set({ [ATTR_GEN_AI_RESPONSE_MODEL]: nameModel(model) ?? undefined });
      }
      if (exchange.signal.aborted) failSpan(span, exchange.signal.reason as GatewayError);
      span.end();
    }
  };
