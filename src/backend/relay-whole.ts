import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent } from '../gateway/relay.ts';
import { errorInAnswer, errorOfStatus } from './http-upstream/read-along/answer-error.ts';
import { withIds } from './http-upstream/read-along/error-body.ts';
import { createHeldBytes, type HeldBytes } from './http-upstream/read-along/held-bytes.ts';
import { readWhole } from './http-upstream/read-along/read-whole.ts';
import { asksModel } from './relay-span.ts';
import { conclude, ownFacts, type Telling } from './relay-telling.ts';

/** An answer that is longer goes to the client as it comes, and is not read. */
const MAX_WHOLE_BYTES = 8 * 1024 * 1024;

const isErrorOf = ({ answer }: Telling): boolean => answer.status >= 400;

const headOf = ({ answer: { status, headers } }: Telling, kind: 'whole' | 'bytes'): RelayEvent => ({
  type: 'head',
  status,
  headers,
  kind,
});

const errorByStatus = (telling: Telling, told: Parameters<typeof errorOfStatus>[1]['told'] = null) =>
  isErrorOf(telling)
    ? errorOfStatus(telling.answer.status, {
        backend: telling.relay.backend.name,
        told,
        asksModel: asksModel(telling.relay.request),
        forwardsKey: telling.forwardsKey,
      })
    : null;

/** What the client gets: an error has our ids as well. */
const bodyFor = (telling: Telling, bytes: Uint8Array, cause: GatewayError | null) => {
  const { exchange, span, pace } = telling;
  if (!cause) return bytes;
  return withIds(
    bytes,
    { reqId: exchange.reqId, traceId: exchange.trace.traceId },
    {
      service: exchange.trace.service,
      timestamp: new Date(Number(span.now() / 1_000_000n)).toISOString(),
      cause: cause.message,
      cause_type: cause.causeType,
    },
    pace,
  );
};

async function* tellCollected(telling: Telling, held: HeldBytes): AsyncGenerator<RelayEvent> {
  const { relay, answer, span, pace } = telling;
  const bytes = held.take();
  const isError = isErrorOf(telling);
  const { facts: all, shown } = await readWhole(bytes, {
    api: relay.request.api,
    isError,
    isEvents: (answer.headers['content-type'] ?? '').startsWith('text/event-stream'),
    pace,
  });
  const facts = isError ? all : ownFacts(telling, all);
  if (shown !== undefined) span.event('upstream_chunk', { payload: shown });
  const byStatus = errorByStatus(telling, facts.error);
  const error = byStatus ?? (facts.error && errorInAnswer(relay.backend.name, facts.error));
  const body = await bodyFor(telling, bytes, byStatus);
  yield headOf(telling, 'whole');
  yield { type: 'whole', bytes: body, shown };
  yield { type: 'end', end: conclude(telling, facts, error) };
}

/** Tells of an answer that the client gets in one piece, with all that was read of it; or as it comes, where it is too long for that. */
export async function* tellWhole(telling: Telling): AsyncGenerator<RelayEvent> {
  const held = createHeldBytes();
  let isLong = false;
  try {
    for await (const piece of telling.answer.bytes) {
      telling.times.read(piece.length);
      await telling.pace.rest();
      if (!isLong) held.add(piece);
      if (held.length > MAX_WHOLE_BYTES) {
        isLong = true;
        yield headOf(telling, 'bytes');
        yield { type: 'bytes', bytes: held.take() };
      } else if (isLong) yield { type: 'bytes', bytes: piece };
    }
  } catch (thrown) {
    const error = toGatewayError(thrown);
    yield { type: 'failed', error, inFrame: isLong, end: conclude(telling, null, error) };
    return;
  }
  if (isLong) yield { type: 'end', end: conclude(telling, null, errorByStatus(telling)) };
  else yield* tellCollected(telling, held);
}

/** Tells of an answer of which nothing is known but its size. */
export async function* tellBytes(telling: Telling): AsyncGenerator<RelayEvent> {
  yield headOf(telling, 'bytes');
  try {
    for await (const bytes of telling.answer.bytes) {
      telling.times.read(bytes.length);
      yield { type: 'bytes', bytes };
      await telling.pace.rest();
    }
  } catch (thrown) {
    const error = toGatewayError(thrown);
    yield { type: 'failed', error, inFrame: true, end: conclude(telling, null, error) };
    return;
  }
  yield { type: 'end', end: conclude(telling, null, errorByStatus(telling)) };
}
