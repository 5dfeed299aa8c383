import type { Api } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import type { AnswerFacts } from './answer-facts.ts';
import { createAnswerReader } from './answer-reader.ts';
import { createFrameSplitter } from './frames.ts';
import { type ParsedData, parseData, utf8Of } from './parse-data.ts';
import { readEdges } from './read-edges.ts';
import { showWhole } from './shown-texts.ts';

/** A longer answer is not held to be parsed. */
export const MAX_WHOLE_BYTES = 8 * 1024 * 1024;

/** The facts of a whole answer, and its value for telemetry; undefined if it is empty. */
export interface WholeReading {
  readonly facts: AnswerFacts;
  readonly shown: unknown;
}

/** How far the first event is searched for, and in slices of what size: each byte of blank lines is a frame of its own. */
const MAX_SEARCHED_BYTES = 256 * 1024;
const SEARCHED_AT_A_TIME_BYTES = 4 * 1024;

/** Some servers tell an error in an event although their status says the same. */
const firstEvent = async (bytes: Uint8Array, pace: Pace): Promise<string | null> => {
  const splitter = createFrameSplitter();
  for (let at = 0; at < Math.min(bytes.length, MAX_SEARCHED_BYTES); at += SEARCHED_AT_A_TIME_BYTES) {
    splitter.start(bytes.subarray(at, at + SEARCHED_AT_A_TIME_BYTES));
    for (let frame = splitter.next(); frame; frame = splitter.next())
      if (frame.type === 'event') return frame.data;
    await pace.rest();
  }
  const last = bytes.length <= MAX_SEARCHED_BYTES ? splitter.end() : null;
  return last?.type === 'event' ? last.data : null;
};

/**
 * Reads a whole answer.
 *
 * @param isError - whether its status is an error
 * @param isEvents - whether its content type is an event stream
 */
export const readWhole = async (
  bytes: Uint8Array,
  { api, isError, isEvents, pace }: { api: Api; isError: boolean; isEvents: boolean; pace: Pace },
): Promise<WholeReading> => {
  const reader = createAnswerReader(api);
  const text = (isEvents ? await firstEvent(bytes, pace) : null) ?? utf8Of(bytes);
  const data: ParsedData = text.trim() === '' ? { type: 'text', text: '' } : await parseData(text, pace);
  // Embeddings have too many values to be parsed.
  const isList = data.type === 'unread' && api === 'embeddings';
  reader.whole(isList ? { type: 'json', value: readEdges(text) } : data, isError);
  return { facts: reader.facts, shown: bytes.length === 0 ? undefined : showWhole(data) };
};
