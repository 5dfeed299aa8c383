import type { Truncated } from './mirror/line.ts';
import type { Kind } from './phases.ts';
import type { CapturePolicy } from './policy/index.ts';
import { cutText, textOf } from './sanitize/payload.ts';
import type { Sanitizer } from './sanitize.ts';

/** A payload as it may leave: the JSON of it that stands in the mirror's line, and the text that the span's event has. */
export interface Captured {
  readonly json: string;
  readonly text: string;
  readonly truncated?: Truncated;
}

/** What an event is about, none of it larger than an event may show. `about` is what came along with the content, the payload. */
export interface CaptureSubject {
  readonly payload?: unknown;
  /** The size of the whole, for a text that was cut. */
  readonly wholeBytes?: number;
  readonly about?: Readonly<Record<string, unknown>> | undefined;
}

/** Kinds whose payloads are counts and words of ours alone. */
const CONTENT_FREE: ReadonlySet<Kind> = new Set<Kind>(['usage', 'backend_start', 'backend_exit']);

/** Methods are names of the protocol: one that does not look like one is somebody's words. */
const METHOD = /^[A-Za-z]{1,64}(?:\/[A-Za-z_]{1,64}){0,4}$/;

/** Of a JSON-RPC message its method and a number that is its id are no content, and say which one it is. */
const envelopeOf = (payload: unknown): { id?: number; method?: string } => {
  const { id, method } = (payload ?? {}) as { id?: unknown; method?: unknown };
  return {
    ...(typeof id === 'number' && { id }),
    ...(typeof method === 'string' && METHOD.test(method) && { method }),
  };
};

const describe = (
  kind: Kind,
  { payload, wholeBytes = 0 }: CaptureSubject,
  { describePayload }: Sanitizer,
): unknown => ({
  ...(kind.startsWith('rpc_') && envelopeOf(payload)),
  ...describePayload(payload),
  ...(wholeBytes > 0 && { bytes: wholeBytes }),
});

/** A clean value, cut where it is too large. */
const shownAs = (clean: unknown): Captured => {
  const { text, truncated } = cutText(textOf(clean));
  const isText = truncated !== undefined || typeof clean === 'string';
  return { json: isText ? JSON.stringify(text) : text, text, ...(truncated && { truncated }) };
};

/** Whether an event shows of its payload the same whatever its kind is. */
export const showsSame = ({ full }: CapturePolicy): boolean => full;

/**
 * Turns what an event is about into what may leave: the one way from a request's content to any sink. `route` is the one that the request
 * found. Null: nothing is shown.
 */
export const captureSubject = (
  policy: CapturePolicy,
  kind: Kind,
  subject: CaptureSubject,
  route: string | null,
): Captured | null => {
  const { about, payload } = subject;
  const { capture, full, sanitizer } = policy;
  if (capture === 'off' || (payload === undefined && about === undefined)) return null;
  const isShown = full || CONTENT_FREE.has(kind) || payload === undefined;
  const body = isShown ? payload : describe(kind, subject, sanitizer);
  if (!about) return shownAs(sanitizer.sanitizeJson(body));
  const shown = policy.about(about, route);
  return shownAs(sanitizer.sanitizeJson(payload === undefined ? shown : { ...shown, body }));
};
