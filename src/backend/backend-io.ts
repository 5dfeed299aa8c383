import type { GatewayError } from '../errors.ts';
import type {
  AttributeSet,
  Exchange,
  NameModel,
  RunningTurn,
  TraceSpan,
  TurnAnswer,
} from '../gateway/ports.ts';
import { isLast, type TurnEvent, type Usage } from '../gateway/turn.ts';
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
import { boundAnswer } from './answer-bound.ts';
import { failSpan } from './fail-span.ts';
import { createHeldChars, type HeldChars } from './held-chars.ts';
import { answerAlone } from './schema-answer.ts';
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

/**
 * Waits, before the end of an answer, for what its turn has used. One that ends with calls has told it already; one that was cut is stopped,
 * and tells it then, if at all.
 */
async function* withLateUsage(
  events: AsyncIterable<TurnEvent>,
  running: RunningTurn,
): AsyncGenerator<TurnEvent> {
  let told: Usage | null = null;
  for await (const event of events) {
    if (event.type === 'usage') told = event.usage;
    if (event.type === 'done' && !(told && event.finishReason === 'tool_calls')) {
      const { usage, isComplete } = await running.stop();
      if (usage && !(isComplete && usage === told)) yield { type: 'usage', usage, isPartial: !isComplete };
    }
    yield event;
  }
}

/** Whether the texts of an answer wait in memory until its end. */
const isHeld = ({ stream, answer, outputSchema }: TurnAnswer['turn']): boolean =>
  !stream || answer.api === 'responses' || outputSchema !== null;

/** Records how long the HTTP server of a turn took. Does nothing for an app-server. */
const noteTime = ({ facts: { times } }: Exchange, { running }: TurnAnswer, nowNs: bigint): void => {
  if (running.sentNs !== undefined) times.upstreamMs ??= Number(nowNs - running.requestedNs) / 1e6;
};

/** What of the turn's events is the answer to its request. */
const answerTo = ({ turn, running }: TurnAnswer, held: HeldChars): AsyncIterable<TurnEvent> => {
  const events = boundAnswer(running.events, isHeld(turn) ? held : null);
  const alone = turn.outputSchema === null ? events : answerAlone(events);
  return withLateUsage(cutAtStop(alone, turn.stop, turn.stream), running);
};

/** Phase 3. Hands the backend's events on, one by one, and keeps what the span says about them. */
export const createBackendIo = (
  pace: Pace = createPace(),
  held: HeldChars = createHeldChars(),
  nameModel: NameModel = (claimed) => claimed,
) =>
  async function* backendIo(exchange: Exchange, answer: TurnAnswer): AsyncGenerator<TurnEvent> {
    const span = openSpan(exchange, answer, nameModel);
    answer.running.attach(span);
    let answered = false;

    const observe = (event: TurnEvent): void => {
      switch (event.type) {
        case 'text':
        case 'reasoning':
        case 'tool_call':
          if (answered) return;
          answered = true;
          span.set({
            [ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK]: Number(span.now() - answer.running.requestedNs) / 1e9,
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

    try {
      for await (const event of answerTo(answer, held)) {
        observe(event);
        if (isLast(event)) noteTime(exchange, answer, span.now());
        yield event;
        // Not behind the last: who has all of an answer may leave before its end has been noted.
        if (!isLast(event)) await pace.rest();
      }
    } finally {
      noteTime(exchange, answer, span.now());
      const { model } = answer.running;
      if (model !== null) {
        exchange.facts.responseModel = model;
        span.set({ [ATTR_GEN_AI_RESPONSE_MODEL]: nameModel(model) ?? undefined });
      }
      if (exchange.signal.aborted) failSpan(span, exchange.signal.reason as GatewayError);
      span.end();
    }
  };
