import { GatewayError } from '../errors.ts';

/** The header with which a client says how long it will wait, in milliseconds. */
export const DEADLINE_HEADER = 'x-request-timeout-ms';

/** What a client asks for: a time, nothing, or something that is no time. */
export type Deadline =
  | { readonly type: 'asked'; readonly ms: number }
  | { readonly type: 'none' }
  | { readonly type: 'invalid'; readonly error: GatewayError };

/** Reads the header. A wrong value is refused later, in the order in which requests are refused. */
export const readDeadline = (value: string | string[] | undefined): Deadline => {
  if (value === undefined) return { type: 'none' };
  const text = String(value).trim();
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms >= 1) return { type: 'asked', ms };
  return {
    type: 'invalid',
    error: new GatewayError(
      'invalid_value',
      `'${DEADLINE_HEADER}' must be a whole number of milliseconds, 1 or more.`,
      { param: DEADLINE_HEADER },
    ),
  };
};

/** How long a request may take in all, and how it ends then. */
export interface TimeLimit {
  readonly ms: number;
  error(): GatewayError;
}

/** The client's time where it is the shorter one, else the gateway's own. */
export const timeLimit = (deadline: Deadline, timeoutMs: number): TimeLimit => {
  if (deadline.type === 'asked' && deadline.ms < timeoutMs) {
    const { ms } = deadline;
    const message = `The answer was not complete within the ${ms} ms that the client gave it (${DEADLINE_HEADER}).`;
    return { ms, error: () => new GatewayError('request_deadline_exceeded', message) };
  }
  const message = `The answer was not complete within ${timeoutMs} ms (PROXY_TIMEOUT_MS).`;
  return { ms: timeoutMs, error: () => new GatewayError('backend_timeout', message) };
};
