import type { Capture } from '../settings.ts';
import { showAttributes, showKey, showText } from './attributes.ts';
import { showEventName, showSpanName } from './names.ts';
import { describeThrown } from './thrown.ts';
import { describeWords } from './words.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * What may leave of words that are not ours: of a client, a model, a backend, or an error that quotes one. Where everything is captured
 * they leave as they are; else what is not on a list of ours leaves as size and hash. The sanitizer comes on top, whatever is captured.
 */
export interface CapturePolicy {
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
}

const same = <Value>(value: Value): Value => value;

const EVERYTHING: CapturePolicy = {
  full: true,
  words: same,
  thrown: (error) => (error instanceof Error ? (error.stack ?? String(error)) : String(error)),
  attributes: same,
  key: same,
  text: (_key, text) => text,
  spanName: same,
  eventName: same,
};

const NO_CONTENT: CapturePolicy = {
  full: false,
  words: describeWords,
  thrown: describeThrown,
  attributes: showAttributes,
  key: showKey,
  text: showText,
  spanName: showSpanName,
  eventName: showEventName,
};

/** The policy of a setting of `PROXY_CAPTURE`. */
export const capturePolicy = (capture: Capture): CapturePolicy =>
  capture === 'full' ? EVERYTHING : NO_CONTENT;
