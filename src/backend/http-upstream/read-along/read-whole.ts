import type { Api } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import type { AnswerFacts } from './answer-facts.ts';
import { createAnswerReader } from './answer-reader.ts';
import { createFrameSplitter } from './frames.ts';
import { type ParsedData, parseData } from './parse-data.ts';
import { readEdges } from './read-edges.ts';
import { showWhole } from './shown-texts.ts';

/** What a whole answer says, and what telemetry may show of it; undefined where it is empty. */
export interface WholeReading {
  readonly facts: AnswerFacts;
  readonly shown: unknown;
}

const utf8 = new TextDecoder();

/** So far the first event is looked for, and so much at a time: nothing but blank lines has an event for each byte. */
const MAX_SEARCHED_BYTES = 256 * 1024;
const SEARCHED_AT_A_TIME_BYTES = 4 * 1024;

/** Some servers tell an error in an event although their status says the same. */
const firstEvent = async (bytes: Uint8Array, pace: Pace): Promise<string | null> => {
  const splitter = createFrameSplitter();
  for (let at = 0; at < Math.min(bytes.length, MAX_SEARCHED_BYTES); at += SEARCHED_AT_A_TIME_BYTES) {
    const frames = splitter.push(bytes.subarray(at, at + SEARCHED_AT_A_TIME_BYTES));
    for (const frame of frames) if (frame.type === 'event') return frame.data;
    await pace.rest();
  }
  const last = bytes.length <= MAX_SEARCHED_BYTES ? splitter.end() : null;
  return last?.type === 'event' ? last.data : null;
};

/**
 * Reads an answer that has come whole.
 *
 * @param isError whether its status says that it tells of an error
 * @param isEvents whether its type says that it is an event stream
 */
export const readWhole = async (
  bytes: Uint8Array,
  { api, isError, isEvents, pace }: { api: Api; isError: boolean; isEvents: boolean; pace: Pace },
): Promise<WholeReading> => {
  const reader = createAnswerReader(api);
  const text = (isEvents ? await firstEvent(bytes, pace) : null) ?? utf8.decode(bytes);
  const data: ParsedData = text.trim() === '' ? { type: 'text', text: '' } : await parseData(text, pace);
  // Many values without text in between are embeddings.
  const isList = data.type === 'unread' && api === 'embeddings';
  reader.whole(isList ? { type: 'json', value: readEdges(text) } : data, isError);
  return { facts: reader.facts, shown: bytes.length === 0 ? undefined : showWhole(data) };
};
