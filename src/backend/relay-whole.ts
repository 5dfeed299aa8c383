import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent, TakeRelayed } from '../gateway/relay.ts';
import { idsOf } from '../gateway/request-ids.ts';
import { errorInAnswer, errorOfStatus } from './http-upstream/read-along/answer-error.ts';
import { withIds } from './http-upstream/read-along/error-body.ts';
import { createHeldBytes, type HeldBytes } from './http-upstream/read-along/held-bytes.ts';
import { MAX_WHOLE_BYTES, readWhole } from './http-upstream/read-along/read-whole.ts';
import { eachPiece, finishRelay, type InFlightAnswer, ownFacts } from './relay-in-flight.ts';
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

/** The body of an error, with the gateway's ids. */
const bodyFor = ({ exchange, pace }: InFlightAnswer, bytes: Uint8Array, cause: GatewayError) => {
  const ids = idsOf(exchange);
  return withIds(bytes, ids, { ...ids.origin, cause: cause.message, cause_type: cause.causeType }, pace);
};

const relayCollected = async (
  inFlight: InFlightAnswer,
  held: HeldBytes,
  take: TakeRelayed,
): Promise<void> => {
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
  const payload = span.payload(shown);
  span.event('upstream_chunk', { payload });
  const byStatus = errorByStatus(inFlight, facts.error);
  const error = byStatus ?? (facts.error && errorInAnswer(relay.backend.name, facts.error));
  const body = byStatus ? await bodyFor(inFlight, bytes, byStatus) : bytes;
  void take(headOf(inFlight, 'whole'));
  void take({ type: 'whole', bytes: body, shown: payload });
  await take({ type: 'end', end: finishRelay(inFlight, facts, error) });
};

/** Relays an answer in one piece, so that it can be parsed. An answer longer than `MAX_WHOLE_BYTES` is passed on as it comes. */
export const relayWhole = async (inFlight: InFlightAnswer, take: TakeRelayed): Promise<void> => {
  const { times, pace } = inFlight;
  const held = createHeldBytes();
  let isLong = false;

  const onPiece = (piece: Uint8Array): Promise<void> | null => {
    times.read(piece.length);
    if (isLong) return take({ type: 'bytes', bytes: piece }) ?? pace.rest();
    held.add(piece);
    if (held.length <= MAX_WHOLE_BYTES) return pace.rest();
    isLong = true;
    void take(headOf(inFlight, 'bytes'));
    return take({ type: 'bytes', bytes: held.take() });
  };

  try {
    await eachPiece(inFlight.answer.bytes, onPiece);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    await take({ type: 'failed', error, inFrame: isLong, end: finishRelay(inFlight, null, error) });
    return;
  }
  if (isLong) await take({ type: 'end', end: finishRelay(inFlight, null, errorByStatus(inFlight)) });
  else await relayCollected(inFlight, held, take);
};

/** Relays an answer that is not parsed. */
export const relayBytes = async (inFlight: InFlightAnswer, take: TakeRelayed): Promise<void> => {
  const { times, pace, answer } = inFlight;
  void take(headOf(inFlight, 'bytes'));
  const onPiece = (bytes: Uint8Array): Promise<void> | null => {
    times.read(bytes.length);
    return take({ type: 'bytes', bytes }) ?? pace.rest();
  };
  try {
    await eachPiece(answer.bytes, onPiece);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    await take({ type: 'failed', error, inFrame: true, end: finishRelay(inFlight, null, error) });
    return;
  }
  await take({ type: 'end', end: finishRelay(inFlight, null, errorByStatus(inFlight)) });
};
