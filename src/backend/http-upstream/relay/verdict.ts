import type { UpstreamFailure, UpstreamHead } from './upstream-call.ts';

/** Answers by which a server says that the same request may do later, or elsewhere. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

type Result = UpstreamHead | UpstreamFailure;

export const headerOf = ({ headers }: UpstreamHead, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};

/** What may be done with a request after an attempt: nothing more, wait and send it again, or send it at once on a new connection. */
export const verdictOn = (result: Result): 'final' | 'later' | 'fresh' => {
  if (result.type === 'failed') return result.again === 'never' ? 'final' : result.again;
  return RETRYABLE.has(result.status) ? 'later' : 'final';
};

/** Whether the server itself says that it is of no use to send the request again. */
export const forbidsRetry = (result: Result): boolean =>
  result.type === 'head' && headerOf(result, 'x-should-retry') === 'false';

/** Where a server refuses a request for what it does not know. */
export const refusesFields = (result: Result): result is UpstreamHead =>
  result.type === 'head' && (result.status === 400 || result.status === 422);
