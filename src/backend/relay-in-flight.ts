import type { GatewayError } from '../errors.ts';
import type { Exchange, NameModel, RelayAnswer, TraceSpan } from '../gateway/ports.ts';
import type { AnswerBytes, RelayEnd, RelayedAnswer } from '../gateway/relay.ts';
import type { Later } from '../later.ts';
import type { Pace } from '../pace.ts';
import { failSpan } from './fail-span.ts';
import type { AnswerFacts } from './http-upstream/read-along/answer-facts.ts';
import { asksModel, type RelayTimes, recordFacts, recordUpstreamError } from './relay-span.ts';
import { recordClientCall } from './tool-blocks.ts';

/** An answer that is being relayed, and what phase 3 needs to record it. */
export interface InFlightAnswer {
  readonly exchange: Exchange;
  readonly relay: RelayAnswer;
  readonly answer: RelayedAnswer;
  readonly span: TraceSpan;
  readonly times: RelayTimes;
  readonly pace: Pace;
  readonly later: Later;
  readonly nameModel: NameModel;
}

/** Hands over each piece of an answer as it comes. */
export const eachPiece = async (
  bytes: AnswerBytes,
  take: (piece: Uint8Array) => Promise<void> | null,
): Promise<void> => {
  if (bytes.each) return bytes.each(take);
  for await (const piece of bytes) await take(piece);
};

const NO_FACTS: AnswerFacts = {
  id: null,
  model: null,
  usage: null,
  finishReasons: [],
  calls: [],
  error: null,
  hasEnded: false,
};

/**
 * The facts that count for this request. A request that reads a stored answer again keeps none: they were counted when
 * that answer was made.
 */
export const ownFacts = ({ relay: { request } }: InFlightAnswer, facts: AnswerFacts): AnswerFacts => {
  if (asksModel(request)) return facts;
  return { ...NO_FACTS, error: request.api === 'responses' ? null : facts.error, hasEnded: facts.hasEnded };
};

/** Records the end of an answer on the span and in the exchange's facts. `error`: why the request failed; null if it did not. */
export const finishRelay = (
  { exchange, relay, span, times, nameModel }: InFlightAnswer,
  facts: AnswerFacts | null,
  error: GatewayError | null,
): RelayEnd => {
  const { id, model, usage, finishReasons, calls, error: told } = facts ?? NO_FACTS;
  exchange.facts.times.upstreamMs = times.end();
  if (facts) recordFacts(span, { ...facts, model: nameModel(facts.model) });
  if (told) recordUpstreamError(span, told);
  if (model !== null) exchange.facts.responseModel = model;
  if (relay.request.api === 'responses') exchange.facts.responseId = id;
  for (const call of calls) recordClientCall(span, call);
  if (error) failSpan(span, error, told?.message);
  else span.set({ outcome: 'completed' });
  return {
    usage,
    usageComplete: usage !== null && error === null,
    finishReason: finishReasons[0] ?? null,
    firstTokenNs: times.firstTokenNs,
    error,
  };
};
