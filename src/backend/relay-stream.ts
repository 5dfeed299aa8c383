import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent } from '../gateway/relay.ts';
import { errorInAnswer, errorOfCut } from './http-upstream/read-along/answer-error.ts';
import {
  createStreamReading,
  LATE_MS,
  type ReadPiece,
  type StreamReading,
} from './http-upstream/read-along/stream-reading.ts';
import { finishRelay, type InFlightAnswer, ownFacts } from './relay-in-flight.ts';
import { EVENTS_AT_A_TIME, recordFrames } from './relay-span.ts';

const NO_BYTES = new Uint8Array(0);

/** A stream has no `content-length`: if it fails, the gateway may add an error event. */
const streamHead = ({ answer: { status, headers } }: InFlightAnswer): RelayEvent => {
  const { 'content-length': _length, ...rest } = headers;
  return { type: 'head', status, headers: rest, kind: 'stream' };
};

/** Whether streams of this API end with a terminal frame. */
const saysItsEnd = ({ relay: { request } }: InFlightAnswer): boolean =>
  request.api === 'chat' || request.api === 'completions' || request.api === 'responses';

/** Records the frames of a read, and yields those for the client. The bytes go with the last of them. */
async function* take(
  { span, times, pace }: InFlightAnswer,
  { bytes, frames }: ReadPiece,
): AsyncGenerator<RelayEvent> {
  for (let at = 0; at < Math.max(frames.length, 1); at += EVENTS_AT_A_TIME) {
    const some = frames.slice(at, at + EVENTS_AT_A_TIME);
    recordFrames(span, times, some);
    const visible = some.filter(({ isHidden }) => !isHidden);
    const isLast = at + EVENTS_AT_A_TIME >= frames.length;
    const out = isLast ? bytes : NO_BYTES;
    if (out.length > 0 || visible.length > 0) yield { type: 'frames', bytes: out, frames: visible };
    if (!isLast) await pace.rest();
  }
}

/** The error of a stream that was not cut; null if its answer is good. */
const endingOf = (inFlight: InFlightAnswer, reading: StreamReading): GatewayError | null => {
  const { error, hasEnded } = ownFacts(inFlight, reading.facts);
  const { name } = inFlight.relay.backend;
  if (error) return errorInAnswer(name, error);
  return !hasEnded && saysItsEnd(inFlight) ? errorOfCut(name) : null;
};

/** Relays a stream of events as it comes. */
export async function* relayStream(inFlight: InFlightAnswer): AsyncGenerator<RelayEvent> {
  const { relay, answer, span, times, pace, later } = inFlight;
  const reading = createStreamReading({
    api: relay.request.api,
    hidesUsage: answer.hidesUsage,
    span,
    pace,
  });
  let isOver = false;
  let stopWaiting: (() => void) | null = null;
  let failure: GatewayError | null = null;
  yield streamHead(inFlight);
  try {
    for await (const read of answer.bytes) {
      times.read(read.length);
      const piece = await reading.push(read);
      isOver ||= piece.frames.some(({ terminal }) => terminal);
      yield* take(inFlight, piece);
      if (isOver) stopWaiting ??= later(LATE_MS, () => relay.running.release());
      await pace.rest();
    }
    yield* take(inFlight, await reading.end());
  } catch (thrown) {
    // After the last frame the answer is complete, so a failure changes nothing.
    if (!isOver) failure = toGatewayError(thrown);
  } finally {
    stopWaiting?.();
  }
  span.event('upstream_chunk', { payload: reading.rest() });
  const facts = ownFacts(inFlight, reading.facts);
  if (failure) {
    const end = finishRelay(inFlight, facts, failure);
    yield { type: 'failed', error: failure, inFrame: reading.inFrame, end };
  } else yield { type: 'end', end: finishRelay(inFlight, facts, endingOf(inFlight, reading)) };
}
