import type { Sanitizer } from '../sanitize.ts';
import type { Capture } from '../settings.ts';
import { showAbout } from './about.ts';
import { createAttributePolicy } from './attributes.ts';
import { showEventName, showSpanName } from './names.ts';
import { describeThrown } from './thrown.ts';
import { createDescribeWords } from './words.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * What may leave of words that are not ours: of a client, a model, a backend, or an error that quotes one. Where everything is captured
 * they leave as they are; else what is not on a list of ours leaves as size and hash.
 */
export interface CapturePolicy {
  readonly capture: Capture;
  /** Comes on top, whatever is captured. */
  readonly sanitizer: Sanitizer;
  /** Whether content may leave. */
  readonly full: boolean;
  /** Words of somebody else. */
  words(text: string): string;
  /** For a log line: an error with its stack, or without its words. */
  thrown(error: unknown): unknown;
  attributes<Attributes extends object>(attributes: Attributes): Attributes;
  /** The key and the text of one attribute. `others` are those that stand beside it. */
  key(key: string): string;
  text(key: string, text: string, others: Values): string;
  spanName(name: string, attributes: Values): string;
  eventName(name: string, attributes: Values): string;
  /** What came along with the content of an event of this route. */
  about(about: Values, route: string | null): Values;
}

const same = <Value>(value: Value): Value => value;

const EVERYTHING = {
  full: true,
  words: same,
  thrown: (error: unknown) => (error instanceof Error ? (error.stack ?? String(error)) : String(error)),
  attributes: same,
  key: same,
  text: (_key: string, text: string) => text,
  spanName: same,
  eventName: same,
  about: same,
};

const createNoContent = (sanitizer: Sanitizer): Omit<CapturePolicy, 'capture' | 'sanitizer'> => {
  const words = createDescribeWords(sanitizer);
  const attributes = createAttributePolicy(words);
  return {
    ...attributes,
    full: false,
    words,
    thrown: (error) => describeThrown(error, sanitizer, words),
    spanName: (name, others) => showSpanName(name, others, words),
    eventName: (name, others) => showEventName(name, others, words),
    about: (about, route) => showAbout(about, route, attributes.text, words),
  };
};

/** The policy of a setting of `PROXY_CAPTURE`, with the sanitizer of this process. */
export const capturePolicy = (capture: Capture, sanitizer: Sanitizer): CapturePolicy => ({
  capture,
  sanitizer,
  ...(capture === 'full' ? EVERYTHING : createNoContent(sanitizer)),
});
