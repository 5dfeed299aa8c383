import type { Truncated } from './mirror/line.ts';
import type { Kind } from './phases.ts';
import { describePayload, sanitizeJson, truncatePayload } from './sanitize.ts';
import type { Capture } from './settings.ts';

export interface Captured {
  readonly payload?: unknown;
  readonly truncated?: Truncated;
}

/** What an event is about. `about` holds no content of a conversation; the payload, which may, stands in it as `body`. */
export interface Subject {
  readonly payload?: unknown;
  readonly about?: Readonly<Record<string, unknown>> | undefined;
}

/** Kinds whose payloads are counts and words of ours alone. */
const CONTENT_FREE: ReadonlySet<Kind> = new Set<Kind>(['usage', 'backend_start', 'backend_exit']);

const withAbout = ({ about, payload }: Subject, body: unknown): unknown => {
  if (!about) return body;
  return payload === undefined ? about : { ...about, body };
};

/** Turns what an event is about into what may leave: the one way from a request's content to any sink. */
export const captureSubject = (capture: Capture, kind: Kind, subject: Subject): Captured => {
  const { payload, about } = subject;
  if (capture === 'off' || (payload === undefined && about === undefined)) return {};
  const whole = capture === 'full' || CONTENT_FREE.has(kind);
  const body = whole || payload === undefined ? payload : describePayload(payload);
  return truncatePayload(sanitizeJson(withAbout(subject, body)));
};
