import { GatewayError, toGatewayError } from '../../../errors.ts';
import type { Timers } from '../../../later.ts';
import type { RelayAttempt } from './attempt.ts';
import { answerHeaders } from './headers.ts';
import { peek } from './peek.ts';

/** So much of an answer that nobody gets is told, and so long it is waited for. */
const MAX_WORDS_BYTES = 16 * 1024;
const MAX_WORDS_MS = 1_000;

const DROPPED = new GatewayError('backend_error', 'The request is sent again.');

/** Waits, unless the signal ends that: then it rejects with the signal's reason. */
export const pause = async (ms: number, signal: AbortSignal, timers: Timers): Promise<void> => {
  if (signal.aborted) throw toGatewayError(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = timers.later(ms, resolve);
  const leave = (): void => reject(toGatewayError(signal.reason));
  signal.addEventListener('abort', leave, { once: true });
  try {
    await promise;
  } finally {
    cancel();
    signal.removeEventListener('abort', leave);
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Tells what a server said to a request that is sent again, and lets go of that answer. */
export const tellWords = async ({ result, call, span }: RelayAttempt, timers: Timers): Promise<void> => {
  if (result.type === 'failed') return;
  // An answer that does not end in time is cut, and what has come of it is told.
  const cancel = timers.later(MAX_WORDS_MS, () => call.cut(DROPPED));
  const { start } = await peek(result.bytes, MAX_WORDS_BYTES);
  cancel();
  call.cut(DROPPED);
  span.event('upstream_response', {
    about: { headers: answerHeaders(result.headers).shownHeaders },
    statusCode: result.status,
    payload: parsed(Buffer.from(start).toString('utf8')),
  });
};
