import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent } from '../gateway/relay.ts';
import { errorInAnswer, errorOfCut } from './http-upstream/read-along/answer-error.ts';
import {
  createStreamReading,
  type ReadPiece,
  type StreamReading,
} from './http-upstream/read-along/stream-reading.ts';
import { conclude, ownFacts, type Telling } from './relay-telling.ts';

/** How long something may still come behind the last frame of a stream: some servers never close it. */
const LATE_MS = 1_000;

/** A stream has no length of its own: what fails in it may get an error event behind it. */
const streamHead = ({ answer: { status, headers } }: Telling): RelayEvent => {
  const { 'content-length': _length, ...rest } = headers;
  return { type: 'head', status, headers: rest, kind: 'stream' };
};

/** APIs whose streams say that they are over. */
const saysItsEnd = ({ relay: { request } }: Telling): boolean =>
  request.api === 'chat' || request.api === 'completions' || request.api === 'responses';

/** Notes what was read, and gives what of it is for the client. */
const take = ({ span, times }: Telling, { bytes, frames }: ReadPiece): RelayEvent | null => {
  for (const { shown, bulk, hasToken } of frames) {
    if (hasToken) times.token();
    span.event('upstream_chunk', { payload: shown, bulk });
  }
  const visible = frames.filter(({ isHidden }) => !isHidden);
  return bytes.length === 0 && visible.length === 0 ? null : { type: 'frames', bytes, frames: visible };
};

/** How a stream ended that came to its end. */
const endingOf = (telling: Telling, reading: StreamReading): GatewayError | null => {
  const { error, hasEnded } = ownFacts(telling, reading.facts);
  const { name } = telling.relay.backend;
  if (error) return errorInAnswer(name, error);
  return !hasEnded && saysItsEnd(telling) ? errorOfCut(name) : null;
};

/** Tells of a stream of events, as it comes. */
export async function* tellStream(telling: Telling): AsyncGenerator<RelayEvent> {
  const { relay, answer, span, times, pace, later } = telling;
  const reading = createStreamReading({
    api: relay.request.api,
    hidesUsage: answer.hidesUsage,
    newTextStream: () => span.textStream(),
    pace,
  });
  let isOver = false;
  let stopWaiting: (() => void) | null = null;
  let failure: GatewayError | null = null;
  yield streamHead(telling);
  try {
    for await (const read of answer.bytes) {
      times.read(read.length);
      const piece = await reading.push(read);
      isOver ||= piece.frames.some(({ terminal }) => terminal);
      const event = take(telling, piece);
      if (event) yield event;
      if (isOver) stopWaiting ??= later(LATE_MS, () => relay.running.release());
      await pace.rest();
    }
    const event = take(telling, await reading.end());
    if (event) yield event;
  } catch (thrown) {
    // Behind the last frame nothing is missing: clients leave when they have read it.
    if (!isOver) failure = toGatewayError(thrown);
  } finally {
    stopWaiting?.();
  }
  const rest = reading.rest();
  if (rest) span.event('upstream_chunk', { payload: rest });
  const facts = ownFacts(telling, reading.facts);
  if (failure) {
    const end = conclude(telling, facts, failure);
    yield { type: 'failed', error: failure, inFrame: reading.inFrame, end };
  } else yield { type: 'end', end: conclude(telling, facts, endingOf(telling, reading)) };
}
