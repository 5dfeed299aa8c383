import { GatewayError } from '../../../errors.ts';
import type { TraceSpan } from '../../../gateway/ports.ts';
import type { RelayedAnswer, RunningRelay } from '../../../gateway/relay.ts';
import type { Later } from '../../../later.ts';
import type { Pace } from '../../../pace.ts';
import {
  createRelayTimes,
  EVENTS_AT_A_TIME,
  type RelayTimes,
  recordFrames,
  recordUpstreamError,
} from '../../relay-span.ts';
import { isMembers, type Members } from '../json-shapes.ts';
import type { AnswerFacts } from '../read-along/answer-facts.ts';
import { createHeldBytes } from '../read-along/held-bytes.ts';
import { MAX_WHOLE_BYTES, readWhole } from '../read-along/read-whole.ts';
import { createStreamReading, LATE_MS, type ReadPiece } from '../read-along/stream-reading.ts';
import { type Deltas, deltasOf } from './answer-deltas.ts';
import { endedEarly, noAnswer, providerError } from './provider-errors.ts';

/** The end of an answer. `error`: why it failed. */
export type AnswerEnd =
  | { readonly facts: AnswerFacts; readonly error: null }
  | { readonly facts: AnswerFacts | null; readonly error: GatewayError };

export interface ReadAnswerOptions {
  readonly span: TraceSpan;
  /** The request that is answered. */
  readonly running: RunningRelay;
  readonly pace: Pace;
  readonly later: Later;
  /** Whether the key that was sent is the client's. */
  readonly forwardsKey: boolean;
  /** Gets a function that returns the facts so far. Each call takes time in proportion to the length of the answer. */
  readonly follow: (facts: () => AnswerFacts) => void;
}

interface Reading extends ReadAnswerOptions {
  readonly times: RelayTimes;
}

/** The longest arguments of all calls of one answer. */
const MAX_CALL_CHARS = 4 * 1024 * 1024;

const tooLarge = (): GatewayError =>
  new GatewayError('answer_too_large', 'A part of the answer is larger than the gateway allows.');

const isError = ({ status }: RelayedAnswer): boolean => status >= 400;

/** An answer without a content type is read as a stream, since a stream was asked for. */
const isEvents = ({ headers }: RelayedAnswer): boolean =>
  /^(?:$|text\/(?:event-stream|plain)\b)/i.test(headers['content-type'] ?? '');

/** Throws if the answer is cut, or is too long: that fails the turn. */
const readAll = async ({ bytes }: RelayedAnswer, times: RelayTimes): Promise<Uint8Array> => {
  const held = createHeldBytes();
  for await (const read of bytes) {
    times.read(read.length);
    if (held.length + read.length > MAX_WHOLE_BYTES) throw tooLarge();
    held.add(read);
  }
  return held.take();
};

const endOf = (
  answer: RelayedAnswer,
  facts: AnswerFacts,
  isWhole: boolean,
  { forwardsKey, span }: Reading,
): AnswerEnd => {
  const { status, headers } = answer;
  if (facts.error) recordUpstreamError(span, facts.error);
  if (isError(answer) || facts.error) {
    const told = { forwardsKey, retryAfter: headers['retry-after'] };
    return { facts, error: providerError(facts.error, isError(answer) ? status : null, told) };
  }
  if (facts.hasEnded) return { facts, error: null };
  return { facts, error: isWhole ? noAnswer() : endedEarly() };
};

async function* readWholeAnswer(answer: RelayedAnswer, options: Reading): AsyncGenerator<Deltas, AnswerEnd> {
  const { pace, span, follow } = options;
  const bytes = await readAll(answer, options.times);
  const reading = { api: 'chat', isError: isError(answer), isEvents: isEvents(answer), pace } as const;
  const { facts, shown } = await readWhole(bytes, reading);
  follow(() => facts);
  if (isMembers(shown) && !isError(answer)) yield deltasOf(shown);
  if (shown !== undefined) span.event('upstream_chunk', { payload: shown });
  return endOf(answer, facts, true, options);
}

/** Collects the texts of events until they are drained. */
const createHeard = () => {
  let heard: Deltas[] = [];
  let callChars = 0;
  let isCut = false;
  return {
    take(said: Members | null): void {
      if (said === null) isCut = true;
      else heard.push(deltasOf(said));
      callChars += heard.at(-1)?.callChars ?? 0;
    },
    drain(): readonly Deltas[] {
      const all = heard;
      heard = [];
      return all;
    },
    /** Whether a part of the answer was too long and is missing. */
    get isCut() {
      return isCut || callChars > MAX_CALL_CHARS;
    },
  };
};

async function* readStream(answer: RelayedAnswer, options: Reading): AsyncGenerator<Deltas, AnswerEnd> {
  const { span, pace, later, running, times, follow } = options;
  const heard = createHeard();
  const reading = createStreamReading({
    api: 'chat',
    hidesUsage: false,
    span,
    pace,
    hear: heard.take,
  });
  follow(() => reading.facts);
  /** Set once the last frame has come. */
  const late: { cancel: (() => void) | null } = { cancel: null };

  /** Whether the answer is complete. Some servers send usage after their last frame, and some never close the stream. */
  const note = async ({ frames }: ReadPiece): Promise<boolean> => {
    for (let at = 0; at < frames.length; at += EVENTS_AT_A_TIME) {
      if (at > 0) await pace.rest();
      recordFrames(span, times, frames.slice(at, at + EVENTS_AT_A_TIME));
    }
    if (frames.some(({ terminal }) => terminal)) late.cancel ??= later(LATE_MS, running.release);
    return late.cancel !== null && reading.facts.usage !== null;
  };

  try {
    for await (const read of answer.bytes) {
      times.read(read.length);
      const isOver = await note(await reading.push(read));
      yield* heard.drain();
      if (heard.isCut) return { facts: reading.facts, error: tooLarge() };
      if (isOver) break;
    }
    await note(await reading.end());
    yield* heard.drain();
  } catch (thrown) {
    // After the last frame the answer is complete, so a failure changes nothing.
    if (!late.cancel) throw thrown;
  } finally {
    late.cancel?.();
    span.event('upstream_chunk', { payload: reading.rest() });
  }
  return endOf(answer, reading.facts, false, options);
}

/** Reads an answer of Chat Completions, streamed or whole. Yields the texts as they come, and returns the end. */
export async function* readAnswer(
  answer: RelayedAnswer,
  options: ReadAnswerOptions,
): AsyncGenerator<Deltas, AnswerEnd> {
  const { span, running } = options;
  const { status, shownHeaders: headers } = answer;
  const times = createRelayTimes(span, running);
  times.head(status);
  span.event('upstream_response', { statusCode: status, about: { status, headers } });
  const read = isEvents(answer) && !isError(answer) ? readStream : readWholeAnswer;
  try {
    return yield* read(answer, { ...options, times });
  } catch (thrown) {
    if (thrown instanceof GatewayError) return { facts: null, error: thrown };
    throw thrown;
  } finally {
    times.end();
  }
}
