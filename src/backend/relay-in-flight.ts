import type { GatewayError } from '../errors.ts';
import type { Exchange, NameModel, RelayAnswer, TraceSpan } from '../gateway/ports.ts';
import type { RelayEnd, RelayedAnswer } from '../gateway/relay.ts';
import type { Later } from '../later.ts';
import type { Pace } from '../pace.ts';
import { failSpan } from './fail-span.ts';
import type { AnswerFacts } from './http-upstream/read-along/answer-facts.ts';
import { asksModel, type RelayTimes, recordFacts, recordUpstreamError } from './relay-span.ts';
import { recordClientCall } from './tool-blocks.ts';

/** One answer that is on its way to the client, and what is told of it. */
export interface InFlightAnswer {
  readonly exchange: Exchange;
  readonly relay: RelayAnswer;
  readonly answer: RelayedAnswer;
  readonly span: TraceSpan;
  readonly times: RelayTimes;
  readonly pace: Pace;
  readonly later: Later;
  readonly nameModel: NameModel;
  /** Whether the client's own key goes on to this backend. */
  readonly forwardsKey: boolean;
}

const NO_FACTS: AnswerFacts = {
  id: null,
  model: null,
  usage: null,
  finishReasons: [],
  calls: [],
  error: null,
  hasEnded: false,
};

/** Of what an answer says, that which is about this request: an answer that is read again was counted when it was made. */
export const ownFacts = ({ relay: { request } }: InFlightAnswer, facts: AnswerFacts): AnswerFacts => {
  if (asksModel(request)) return facts;
  return { ...NO_FACTS, error: request.api === 'responses' ? null : facts.error, hasEnded: facts.hasEnded };
};

/** Puts on the span what an answer came to. `error`: how its request ends, where that is no good end. */
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
