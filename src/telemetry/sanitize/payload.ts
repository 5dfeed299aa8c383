import { createHash } from 'node:crypto';

/** The size and hash of the whole text that was cut. */
export interface Cut {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Truncation {
  readonly payload: unknown;
  readonly truncated?: Cut;
}

const DEFAULT_MAX_BYTES = 16 * 1024;

/** Size (UTF-8) and SHA-256 (hex) of a text. */
export const measure = (text: string): Cut => {
  const bytes = Buffer.from(text);
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};

/** The JSON text of a value; a text is its own. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[unreadable]';
  }
};

/** The longest start of a text that fits, never ending inside a character. */
const startOf = (text: string, maxBytes: number): string => {
  const room = new Uint8Array(maxBytes);
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read);
};

/** A text that is larger than `maxBytes` (UTF-8) ends with a marker that says how large the whole was; `truncated` has its size and hash. */
export const cutText = (text: string, maxBytes = DEFAULT_MAX_BYTES): { text: string; truncated?: Cut } => {
  // No UTF-16 unit takes more than 3 bytes, so that most texts need no counting.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return { text };
  const whole = measure(text);
  return { text: `${startOf(text, maxBytes)}…[truncated ${whole.bytes} bytes]`, truncated: whole };
};

/** Cuts a sanitized payload by its JSON text: one that is too large becomes a text. */
export const truncatePayload = (value: unknown, maxBytes = DEFAULT_MAX_BYTES): Truncation => {
  const { text, truncated } = cutText(textOf(value), maxBytes);
  return truncated ? { payload: text, truncated } : { payload: value };
};
