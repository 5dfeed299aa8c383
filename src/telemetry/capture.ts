import type { Truncated } from './mirror/line.ts';
import { describePayload, sanitizeJson, truncatePayload } from './sanitize.ts';
import type { Capture } from './settings.ts';

export interface Captured {
  readonly payload?: unknown;
  readonly truncated?: Truncated;
}

/** Turns a raw payload into what may leave: the one way from a request's content to any sink. */
export const capturePayload = (capture: Capture, payload: unknown): Captured => {
  if (payload === undefined || capture === 'off') return {};
  if (capture === 'metadata') return { payload: describePayload(payload) };
  return truncatePayload(sanitizeJson(payload));
};
