import { GatewayError } from '../../errors.ts';

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** When a refused client may come again, at the earliest; HTTP counts in whole seconds. */
const retryAfter = (ms: number): Readonly<Record<string, string>> => ({ 'retry-after': seconds(ms) });

/** Where nothing is known of when it helps to come again. */
const SOON_MS = 1_000;

export const queueFull = (waitMs: number): GatewayError =>
  new GatewayError(
    'queue_full',
    'Every place of this gateway is taken, and so is every place in its queue.',
    {
      headers: retryAfter(waitMs),
    },
  );

export const queueTimeout = (waitMs: number): GatewayError =>
  new GatewayError('queue_timeout', `No place of this gateway became free within ${waitMs} ms.`, {
    headers: retryAfter(waitMs),
  });

export const keyShareUsed = (what: string): GatewayError =>
  new GatewayError('key_concurrency_exceeded', `This API key has ${what}, as many as one key may have.`, {
    headers: retryAfter(SOON_MS),
  });

/** `connection: close` sends the client's next request to another gateway. */
export const shuttingDown = (): GatewayError =>
  new GatewayError('shutting_down', 'The gateway is shutting down.', {
    headers: { ...retryAfter(SOON_MS), connection: 'close' },
  });
