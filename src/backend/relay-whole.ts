import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent } from '../gateway/relay.ts';
import { idsOf } from '../gateway/request-ids.ts';
import { errorInAnswer, errorOfStatus } from './http-upstream/read-along/answer-error.ts';
import { withIds } from './http-upstream/read-along/error-body.ts';
import { createHeldBytes, type HeldBytes } from './http-upstream/read-along/held-bytes.ts';
import { MAX_WHOLE_BYTES, readWhole } from './http-upstream/read-along/read-whole.ts';
import { finishRelay, type InFlightAnswer, ownFacts } from './relay-in-flight.ts';
import { asksModel } from './relay-span.ts';

const isErrorOf = ({ answer }: InFlightAnswer): boolean => answer.status >= 400;

const headOf = ({ answer: { status, headers } }: InFlightAnswer, kind: 'whole' | 'bytes'): RelayEvent => ({
  type: 'head',
  status,
  headers,
  kind,
});

const errorByStatus = (inFlight: InFlightAnswer, told: Parameters<typeof errorOfStatus>[1]['told'] = null) =>
  isErrorOf(inFlight)
    ? errorOfStatus(inFlight.answer.status, {
        backend: inFlight.relay.backend.name,
        told,
        asksModel: asksModel(inFlight.relay.request),
        forwardsKey: inFlight.relay.backend.forwardsKey,
      })
    : null;

/** The body for the client. The gateway adds its ids to an error. */
const bodyFor = ({ exchange, pace }: InFlightAnswer, bytes: Uint8Array, cause: GatewayError | null) => {
  if (!cause) return bytes;
  const ids = idsOf(exchange);
  return withIds(bytes, ids, { ...ids.origin, cause: cause.message, cause_type: cause.causeType }, pace);
};

async function* relayCollected(inFlight: InFlightAnswer, held: HeldBytes): AsyncGenerator<RelayEvent> {
  const { relay, answer, span, pace } = inFlight;
  const bytes = held.take();
  const isError = isErrorOf(inFlight);
  const { facts: all, shown } = await readWhole(bytes, {
    api: relay.request.api,
    isError,
    isEvents: (answer.headers['content-type'] ?? '').startsWith('text/event-stream'),
    pace,
  });
  const facts = isError ? all : ownFacts(inFlight, all);
  if (shown !== undefined) span.event('upstream_chunk', { payload: shown });
  const byStatus = errorByStatus(inFlight, facts.error);
  const error = byStatus ?? (facts.error && errorInAnswer(relay.backend.name, facts.error));
  const body = await bodyFor(inFlight, bytes, byStatus);
  yield headOf(inFlight, 'whole');
  yield { type: 'whole', bytes: body, shown };
  yield { type: 'end', end: finishRelay(inFlight, facts, error) };
}

/** Relays an answer in one piece, so that it can be parsed. An answer longer than `MAX_WHOLE_BYTES` is passed on as it comes. */
export async function* relayWhole(inFlight: InFlightAnswer): AsyncGenerator<RelayEvent> {
  const held = createHeldBytes();
  let isLong = false;
  try {
    for await (const piece of inFlight.answer.bytes) {
      inFlight.times.read(piece.length);
      await inFlight.pace.rest();
      if (!isLong) held.add(piece);
      if (held.length > MAX_WHOLE_BYTES) {
        isLong = true;
        yield headOf(inFlight, 'bytes');
        yield { type: 'bytes', bytes: held.take() };
      } else if (isLong) yield { type: 'bytes', bytes: piece };
    }
  } catch (thrown) {
    const error = toGatewayError(thrown);
    yield { type: 'failed', error, inFrame: isLong, end: finishRelay(inFlight, null, error) };
    return;
  }
  if (isLong) yield { type: 'end', end: finishRelay(inFlight, null, errorByStatus(inFlight)) };
  else yield* relayCollected(inFlight, held);
}

/** Relays an answer that is not parsed. */
export async function* relayBytes(inFlight: InFlightAnswer): AsyncGenerator<RelayEvent> {
  yield headOf(inFlight, 'bytes');
  try {
    for await (const bytes of inFlight.answer.bytes) {
      inFlight.times.read(bytes.length);
      yield { type: 'bytes', bytes };
      await inFlight.pace.rest();
    }
  } catch (thrown) {
    const error = toGatewayError(thrown);
    yield { type: 'failed', error, inFrame: true, end: finishRelay(inFlight, null, error) };
    return;
  }
  yield { type: 'end', end: finishRelay(inFlight, null, errorByStatus(inFlight)) };
}
