import { GatewayError } from '../../../errors.ts';
import type { Timers } from '../../../later.ts';
import { abortable } from '../../work-deadline.ts';
import { parsedJson } from '../json-shapes.ts';
import type { RelayAttempt } from './attempt.ts';
import { answerHeaders } from './headers.ts';
import { peek } from './peek.ts';

/** How much of a dropped answer is recorded, and how long the gateway waits for it. */
const MAX_DROPPED_BYTES = 16 * 1024;
const MAX_DROPPED_MS = 1_000;

const DROPPED = new GatewayError('backend_error', 'The request is sent again.');

/** Waits `ms`. Rejects with the signal's reason when the signal aborts first. */
export const pause = async (ms: number, signal: AbortSignal, timers: Timers): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.later(ms, resolve);
  try {
    await abortable(promise, signal);
  } finally {
    cancel();
  }
};

/** Records what a server answered to a request that is sent again, then closes that answer. */
export const dropAnswer = async ({ result, call, span }: RelayAttempt, timers: Timers): Promise<void> => {
  if (result.type === 'failed') return;
  // An answer that does not end in time is cut; the part that has come is recorded.
  const cancel = timers.later(MAX_DROPPED_MS, () => call.cut(DROPPED));
  const { start } = await peek(result.bytes, MAX_DROPPED_BYTES);
  const text = Buffer.from(start).toString('utf8');
  cancel();
  call.cut(DROPPED);
  span.event('upstream_response', {
    about: { headers: answerHeaders(result.headers).shownHeaders },
    statusCode: result.status,
    payload: parsedJson(text) ?? text,
  });
};
