import { isTooMuchToParse } from '../../../json-values.ts';
import type { Pace } from '../../../pace.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** Decodes UTF-8, without a byte order mark at the beginning. */
export const utf8Of = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
};

/** The data of an event, or the text of an answer. */
export type ParsedData =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'text'; readonly text: string }
  /** `[DONE]`. */
  | { readonly type: 'done' }
  /** Has too many values to be parsed. */
  | { readonly type: 'unread'; readonly chars: number };

/** A shorter text has few enough values to be parsed at once. */
const SURELY_FEW_CHARS = 256 * 1024;

/** `[DONE]` with some blanks around it. */
const MAX_DONE_CHARS = 64;

const parse = (text: string): ParsedData => {
  // Each stream has one, and to throw and catch an error takes as long as to parse twenty frames.
  if (text.length < MAX_DONE_CHARS && text.trim() === '[DONE]') return { type: 'done' };
  try {
    return { type: 'json', value: JSON.parse(text) };
  } catch {
    return { type: 'text', text };
  }
};

const parseLong = async (text: string, pace: Pace): Promise<ParsedData> => {
  if (await isTooMuchToParse(text, pace)) return { type: 'unread', chars: text.length };
  await pace.turn();
  return parse(text);
};

/** Parses data: at once if it is short, else with rests. */
export const parseData = (text: string, pace: Pace): ParsedData | Promise<ParsedData> =>
  text.length <= SURELY_FEW_CHARS ? parse(text) : parseLong(text, pace);
