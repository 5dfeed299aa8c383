import { type GatewayError, toGatewayError } from '../errors.ts';
import type { RelayEvent, TakeRelayed } from '../gateway/relay.ts';
import { errorInAnswer, errorOfCut } from './http-upstream/read-along/answer-error.ts';
import {
  createStreamReading,
  LATE_MS,
  type ReadFrame,
  type ReadPiece,
  type StreamReading,
} from './http-upstream/read-along/stream-reading.ts';
import { eachPiece, finishRelay, type InFlightAnswer, ownFacts } from './relay-in-flight.ts';
import { EVENTS_AT_A_TIME, recordFrames } from './relay-span.ts';

const NO_BYTES = new Uint8Array(0);

const isHidden = (frame: ReadFrame): boolean => frame.isHidden;
const isTerminal = (frame: ReadFrame): boolean => frame.terminal;

/** A stream has no `content-length`: if it fails, the gateway may add an error event. */
const streamHead = ({ answer: { status, headers } }: InFlightAnswer): RelayEvent => {
  const { 'content-length': _length, ...rest } = headers;
  return { type: 'head', status, headers: rest, kind: 'stream' };
};

/** Whether streams of this API end with a terminal frame. */
const saysItsEnd = ({ relay: { request } }: InFlightAnswer): boolean =>
  request.api === 'chat' || request.api === 'completions' || request.api === 'responses';

/** Records the frames of a read, and hands on those for the client. The bytes go with the last of them. */
const createPass = ({ span, times, pace }: InFlightAnswer, take: TakeRelayed) => {
  const passSome = (bytes: Uint8Array, frames: readonly ReadFrame[]): Promise<void> | null => {
    recordFrames(span, times, frames);
    const visible = frames.some(isHidden) ? frames.filter((frame) => !isHidden(frame)) : frames;
    return bytes.length > 0 || visible.length > 0 ? take({ type: 'frames', bytes, frames: visible }) : null;
  };
  const passMany = async ({ bytes, frames }: ReadPiece): Promise<void> => {
    for (let at = 0; at < frames.length; at += EVENTS_AT_A_TIME) {
      const isLast = at + EVENTS_AT_A_TIME >= frames.length;
      await passSome(isLast ? bytes : NO_BYTES, frames.slice(at, at + EVENTS_AT_A_TIME));
      await pace.rest();
    }
  };
  return (piece: ReadPiece): Promise<void> | null =>
    piece.frames.length > EVENTS_AT_A_TIME ? passMany(piece) : passSome(piece.bytes, piece.frames);
};

/** The error of a stream that was not cut; null if its answer is good. */
const endingOf = (inFlight: InFlightAnswer, reading: StreamReading): GatewayError | null => {
  const { error, hasEnded } = ownFacts(inFlight, reading.facts);
  const { name } = inFlight.relay.backend;
  if (error) return errorInAnswer(name, error);
  return !hasEnded && saysItsEnd(inFlight) ? errorOfCut(name) : null;
};

/** Relays a stream of events as it comes: a read is read along and written in one step, unless that takes long or the client has no room. */
export const relayStream = async (inFlight: InFlightAnswer, take: TakeRelayed): Promise<void> => {
  const { relay, answer, span, times, pace, later } = inFlight;
  const reading = createStreamReading({
    api: relay.request.api,
    hidesUsage: answer.hidesUsage,
    span,
    pace,
  });
  const pass = createPass(inFlight, take);
  let isOver = false;
  let cancelLate = (): void => undefined;
  let failure: GatewayError | null = null;

  const passOn = (piece: ReadPiece): Promise<void> | null => {
    const waits = pass(piece);
    if (!isOver && piece.frames.some(isTerminal)) {
      isOver = true;
      cancelLate = later(LATE_MS, () => relay.running.release());
    }
    return waits ?? pace.rest() ?? span.room();
  };
  const passLate = async (piece: Promise<ReadPiece>): Promise<void> => {
    await passOn(await piece);
  };
  const onRead = (read: Uint8Array): Promise<void> | null => {
    times.read(read.length);
    const piece = reading.push(read);
    return piece instanceof Promise ? passLate(piece) : passOn(piece);
  };

  void take(streamHead(inFlight));
  try {
    await eachPiece(answer.bytes, onRead);
    await passOn(await reading.end());
  } catch (thrown) {
    // After the last frame the answer is complete, so a failure changes nothing.
    if (!isOver) failure = toGatewayError(thrown);
  } finally {
    cancelLate();
  }
  span.event('upstream_chunk', { payload: reading.rest() });
  const facts = ownFacts(inFlight, reading.facts);
  if (failure) {
    const end = finishRelay(inFlight, facts, failure);
    await take({ type: 'failed', error: failure, inFrame: reading.inFrame, end });
  } else await take({ type: 'end', end: finishRelay(inFlight, facts, endingOf(inFlight, reading)) });
};
