import { boundPayload } from './bound.ts';
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

/** Of a JSON-RPC message its id and method are no content, and say which one it is. */
const envelopeOf = (payload: unknown): { id?: unknown; method?: string } => {
  const { id, method } = (payload ?? {}) as { id?: unknown; method?: unknown };
  return {
    ...((typeof id === 'number' || typeof id === 'string') && { id }),
    ...(typeof method === 'string' && { method }),
  };
};

const describe = (kind: Kind, payload: unknown): unknown =>
  kind.startsWith('rpc_')
    ? { ...envelopeOf(payload), ...describePayload(payload) }
    : describePayload(payload);

const withAbout = ({ about, payload }: Subject, body: unknown): unknown => {
  if (!about) return body;
  return payload === undefined ? about : { ...about, body };
};

/** Attributes in words of the client. */
const CONTENT_ATTRIBUTES: ReadonlySet<string> = new Set(['throughline.unknown_fields']);

/** The attributes of a span without those that hold content where none may leave. */
export const captureAttributes = <Value>(
  capture: Capture,
  attributes: Readonly<Record<string, Value>>,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(attributes).filter(([name]) => capture === 'full' || !CONTENT_ATTRIBUTES.has(name)),
  );

/** Turns what an event is about into what may leave: the one way from a request's content to any sink. */
export const captureSubject = (capture: Capture, kind: Kind, subject: Subject): Captured => {
  const { about, payload } = subject;
  if (capture === 'off' || (payload === undefined && about === undefined)) return {};
  const whole = capture === 'full' || CONTENT_FREE.has(kind) || payload === undefined;
  const body = whole ? boundPayload(payload) : describe(kind, payload);
  return truncatePayload(sanitizeJson(withAbout(subject, body)));
};
