import { headOf } from '../cut.ts';
import { Piece } from './facts/piece.ts';
import { CUT, cutRest } from './sanitize/rule.ts';

/**
 * How many characters of text, and how many values, one payload may bring to the sanitizer, which takes up to 200 microseconds a
 * kilobyte and ten a value. One event shows 16 KiB at most.
 */
const MAX_CHARS = 32 * 1024;
const MAX_VALUES = 1500;
const MAX_DEPTH = 64;

/** Of one text. */
const MAX_TEXT_CHARS = 4096;

/** What stands for the part of a text that is not kept. */
export const notKept = (chars: number): string => `…[${chars} characters not kept]`;

/** The beginning of a text that is longer than that, and how much is not kept. */
export const boundText = (text: string, maxChars = MAX_TEXT_CHARS): string => {
  const head = headOf(text, maxChars);
  return head === text ? text : head + notKept(text.length - head.length);
};

/** What one payload may have; `chars` goes for the texts and once more for the names. */
interface Bounds {
  readonly chars: number;
  readonly values: number;
}

/** Whether a value has more characters, names included, more values or more depth than that. Stops counting as soon as it knows. */
const isOver = (value: unknown, { chars, values }: Bounds): boolean => {
  let left = chars;
  let room = values;
  const count = (part: unknown, depth: number): void => {
    if (left < 0 || room-- <= 0) return;
    if (typeof part === 'string') left -= part.length;
    else if (depth > MAX_DEPTH) {
      if (typeof part === 'object' && part !== null) room = -1;
    } else if (Array.isArray(part)) countAll(part, depth);
    else if (typeof part === 'object' && part !== null) {
      const names = Object.keys(part);
      if (names.length > room) room = -1;
      else for (const name of names) left -= name.length;
      if (room >= 0) countAll(Object.values(part), depth);
    }
  };
  const countAll = (items: readonly unknown[], depth: number): void => {
    for (const item of items) {
      if (left < 0 || room < 0) return;
      count(item, depth + 1);
    }
  };
  count(value, 0);
  return left < 0 || room < 0;
};

/** Keeps the beginning of each long text and list, until the bounds are reached, and says how much is not kept. */
const cutter = ({ chars, values }: Bounds) => {
  let left = chars;
  let leftOfNames = chars;
  let room = values;
  const cut = (text: string): string => {
    const head = headOf(text, Math.floor(Math.min(Math.max(left, 0), chars / 8)));
    left -= head.length;
    return head === text ? text : head + notKept(text.length - head.length);
  };
  const list = (items: readonly unknown[], depth: number): unknown[] => {
    const kept: unknown[] = [];
    for (const item of items) {
      if (room-- <= 0) return [...kept, cutRest(items.length - kept.length)];
      kept.push(walk(item, depth + 1));
    }
    return kept;
  };
  const record = (part: object, depth: number): object => {
    const kept: [string, unknown][] = [];
    for (const name of Object.keys(part)) {
      leftOfNames -= name.length;
      if (leftOfNames < 0 || room-- <= 0) {
        kept.push([CUT, true]);
        break;
      }
      kept.push([name, walk((part as Record<string, unknown>)[name], depth + 1)]);
    }
    return Object.fromEntries(kept);
  };
  const walk = (part: unknown, depth: number): unknown => {
    if (typeof part === 'string') return cut(part);
    if (typeof part !== 'object' || part === null || part instanceof Piece) return part;
    if (depth > MAX_DEPTH) return CUT;
    return Array.isArray(part) ? list(part, depth) : record(part, depth);
  };
  return walk;
};

/** The value itself where it is small; else a copy that is, with its long texts and lists cut, so that one client's prompt delays nobody. */
export const boundPayload = (value: unknown, chars = MAX_CHARS, values = MAX_VALUES): unknown => {
  try {
    return isOver(value, { chars, values }) ? cutter({ chars, values })(value, 0) : value;
  } catch {
    // What cannot be read is the sanitizer's to say.
    return value;
  }
};
