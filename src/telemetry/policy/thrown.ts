import { types } from 'node:util';
import type { Sanitizer } from '../sanitize.ts';
import type { DescribeWords } from './words.ts';

/** An error without its words: what it is called, the system's code for it, how long its message is, and where it was thrown. */
export interface ThrownDescription {
  readonly name: string;
  readonly code?: string | number;
  readonly message: string;
  readonly at?: readonly string[];
}

const MAX_FRAMES = 12;
/** A frame ends with a place in a file; the message stands before the first frame and could look like one. */
const FRAME = /^ {4}at .*(?:file:\/\/|node:|\/)\S*:\d+:\d+\)?$/;

const framesOf = ({ stack = '', message }: Error, { sanitizeText }: Sanitizer): string[] => {
  const behind = stack.indexOf(message);
  const frames = behind < 0 ? stack : stack.slice(behind + message.length);
  return frames
    .split('\n')
    .filter((line) => FRAME.test(line))
    .slice(0, MAX_FRAMES)
    .map((line) => sanitizeText(line.trim()));
};

const isCode = (code: unknown): code is string | number =>
  typeof code === 'number' || (typeof code === 'string' && /^\w{1,64}$/.test(code));

/** What was thrown, without its message. */
export const describeThrown = (
  thrown: unknown,
  sanitizer: Sanitizer,
  describeWords: DescribeWords,
): ThrownDescription => {
  if (!types.isNativeError(thrown)) return { name: typeof thrown, message: describeWords(String(thrown)) };
  const { name, message, code } = thrown as Error & { code?: unknown };
  const at = framesOf(thrown, sanitizer);
  return {
    name: /^\w{1,64}$/.test(name) ? name : 'Error',
    ...(isCode(code) && { code }),
    message: describeWords(message),
    ...(at.length > 0 && { at }),
  };
};
