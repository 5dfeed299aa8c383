import { boundPayload } from './bound.ts';
import type { Truncated } from './mirror/line.ts';
import type { Kind } from './phases.ts';
import type { CapturePolicy } from './policy/index.ts';
import { type Sanitizer, truncatePayload } from './sanitize.ts';

export interface Captured {
  readonly payload?: unknown;
  readonly truncated?: Truncated;
}

/** What an event is about. `about` is what came along with the content; the payload, which is content, stands in it as `body`. */
export interface CaptureSubject {
  readonly payload?: unknown;
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

const describe = (kind: Kind, payload: unknown, { describePayload }: Sanitizer): unknown =>
  kind.startsWith('rpc_')
    ? { ...envelopeOf(payload), ...describePayload(payload) }
    : describePayload(payload);

const withAbout = ({ about, payload }: CaptureSubject, body: unknown): unknown => {
  if (!about) return body;
  return payload === undefined ? about : { ...about, body };
};

/** Turns what an event is about into what may leave: the one way from a request's content to any sink. `route` is the one that the request found. */
export const captureSubject = (
  policy: CapturePolicy,
  kind: Kind,
  subject: CaptureSubject,
  route: string | null,
): Captured => {
  const { about, payload } = subject;
  const { capture, full, sanitizer } = policy;
  if (capture === 'off' || (payload === undefined && about === undefined)) return {};
  const body =
    full || CONTENT_FREE.has(kind) || payload === undefined
      ? boundPayload(payload)
      : describe(kind, payload, sanitizer);
  const shown = about && policy.about(about, route);
  return truncatePayload(sanitizer.sanitizeJson(withAbout({ payload, about: shown }, body)));
};
