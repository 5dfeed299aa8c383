import type { TurnNotification } from './notifications.ts';

/** A notification that goes on with a text. */
export type DeltaNotification = Extract<TurnNotification, { params: { delta: string } }>;

/** Whether a notification does. */
export const isTextDelta = (notification: TurnNotification): notification is DeltaNotification =>
  'delta' in notification.params;

/**
 * How the lines of one text look: they differ in the delta alone, and in the time that may stand behind all. Whoever knows that needs to
 * parse nothing else of them.
 */
export interface DeltaLine {
  /** The notification, whatever its delta was. */
  readonly notification: DeltaNotification;
  /** The line up to its delta, and what stands behind that within the notification without its time. */
  readonly before: string;
  readonly after: string;
}

const KEY = '"delta":';
/** Lines that begin otherwise are parsed: ids are short. */
const MAX_BEFORE = 1024;
/** The server says when it told something. */
const TIME = ',"emittedAtMs":';

/** Where the delta begins; within a string its quotes would be escaped. -1: nowhere. */
const deltaAt = (line: string): number => {
  const at = line.indexOf(`${KEY}"`);
  return at > MAX_BEFORE || at === -1 ? -1 : at + KEY.length;
};

const ZERO = 0x30;
const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9;

/** Where the last brace is, or the time that stands before it. */
const tailAt = (line: string): number => {
  const last = line.length - 1;
  let at = last;
  while (at > 0 && isDigit(line.charCodeAt(at - 1))) at--;
  const isTime = at < last && line.charCodeAt(at) !== ZERO && line.endsWith(TIME, at);
  return isTime ? at - TIME.length : last;
};

/** The beginning by which the lines of a text are known; null for a line that has no delta. */
export const beginningOf = (line: string): string | null => {
  const at = deltaAt(line);
  return at === -1 ? null : line.slice(0, at);
};

/** A JSON string that says what it says: nothing in it is escaped. */
const PLAIN = /^"[^"\\\p{Cc}]*"$/u;

/** The delta of a line that begins as `known` does; null where the line is not like it in all else. */
export const readDelta = (line: string, { before, after }: DeltaLine): string | null => {
  const tail = tailAt(line);
  const end = tail - after.length + 1;
  if (end <= before.length || line.at(-1) !== '}' || !line.endsWith(after.slice(0, -1), tail)) return null;
  const written = line.slice(before.length, end);
  if (PLAIN.test(written)) return written.slice(1, -1);
  try {
    // One string and nothing else: two of them, or one that is not closed, are no JSON.
    const delta: unknown = JSON.parse(written);
    return typeof delta === 'string' ? delta : null;
  } catch {
    return null;
  }
};

/** What the lines look like that go on where this one ends; null where that cannot be said with certainty. */
export const learnDeltaLine = (line: string, { method, params }: DeltaNotification): DeltaLine | null => {
  const at = deltaAt(line);
  const delta = JSON.stringify(params.delta);
  if (at === -1 || params.delta === '' || !line.startsWith(delta, at)) return null;
  const before = line.slice(0, at);
  const after = `${line.slice(at + delta.length, tailAt(line))}}`;
  const empty = { method, params: { ...params, delta: '' } };
  // The same text: so this is the delta's place, and nothing else stands in the line.
  if (JSON.stringify(empty) !== `${before}""${after}`) return null;
  return { notification: empty as DeltaNotification, before, after };
};
