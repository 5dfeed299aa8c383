import { toGatewayError } from '../errors.ts';
import type { Exchange, NameModel, RelayAnswer } from '../gateway/ports.ts';
import type { RelayFlow } from '../gateway/relay.ts';
import { type Later, systemLater } from '../later.ts';
import { createPace, type Pace } from '../pace.ts';
import { failSpan } from './fail-span.ts';
import type { InFlightAnswer } from './relay-in-flight.ts';
import { createRelayTimes, openRelaySpan } from './relay-span.ts';
import { relayStream } from './relay-stream.ts';
import { relayBytes, relayWhole } from './relay-whole.ts';

export interface RelayIoOptions {
  readonly pace?: Pace;
  readonly later?: Later;
  /** What records may show of a model that a client names, and a server repeats. */
  readonly nameModel?: NameModel;
}

const BODILESS_STATUS = new Set([204, 205, 304]);

/** How an answer is relayed: event by event, in one piece, or as bytes that nobody reads. */
const wayOf = ({ relay: { request }, answer: { status, headers } }: InFlightAnswer) => {
  const type = (headers['content-type'] ?? '').toLowerCase();
  const isPlain = (headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity';
  if (request.method === 'HEAD' || BODILESS_STATUS.has(status)) return relayWhole;
  if (!isPlain) return relayBytes;
  if (status >= 400) return relayWhole;
  if (type.startsWith('text/event-stream')) return relayStream;
  if (/^application\/(?:[\w.+-]+\+)?json\b/.test(type)) return relayWhole;
  // A client that asked for a stream gets one, even if the server does not name the type of its answer.
  return request.stream && (type === '' || type.startsWith('text/plain')) ? relayStream : relayBytes;
};

/** Phase 3 of a relayed request: passes the answer on, and records it on the span. */
export const createRelayIo =
  ({ pace = createPace(), later = systemLater, nameModel = (claimed) => claimed }: RelayIoOptions = {}) =>
  (exchange: Exchange, relay: RelayAnswer): RelayFlow =>
  async (take) => {
    const span = openRelaySpan(exchange, relay, nameModel);
    const { result } = relay.running;
    try {
      if (result.type === 'failed') throw result.error;
      const { answer } = result;
      const times = createRelayTimes(span, relay.running);
      times.head(answer.status);
      span.event('upstream_response', {
        statusCode: answer.status,
        about: { status: answer.status, headers: answer.shownHeaders },
      });
      const inFlight: InFlightAnswer = { exchange, relay, answer, span, times, pace, later, nameModel };
      await wayOf(inFlight)(inFlight, take);
    } catch (thrown) {
      const error = toGatewayError(thrown);
      failSpan(span, error);
      throw error;
    } finally {
      exchange.facts.times.upstreamMs ??= Number(span.now() - relay.running.requestedNs) / 1e6;
      span.end();
    }
  };
