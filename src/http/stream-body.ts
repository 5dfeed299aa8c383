import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { type Later, systemLater } from '../later.ts';
import { clientLeft } from './exchanges.ts';
import { tooLarge } from './read-body.ts';

const silent = (silenceMs: number): GatewayError =>
  new GatewayError(
    'request_timeout',
    `Nothing of the request body came for ${silenceMs} ms (PROXY_BODY_TIMEOUT_MS).`,
    // The rest of the body may still come, so the connection cannot be used again.
    { headers: { connection: 'close' } },
  );

interface StreamLimits {
  readonly maxBytes: number;
  /** How long a client may send nothing while somebody waits for more. */
  readonly silenceMs: number;
}

const within = <T>(ms: number, later: Later, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const cancel = later(ms, () => reject(silent(ms)));
    work.then(resolve, reject).finally(cancel);
  });

/**
 * The body as it comes. The client is paused while nobody reads. Throws a `GatewayError` if the body is too long, stops for
 * `silenceMs`, or is cut.
 */
export async function* streamBody(
  request: IncomingMessage,
  { maxBytes, silenceMs }: StreamLimits,
  signal: AbortSignal,
  later: Later = systemLater,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const pieces = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, later, pieces.next());
      if (done) return;
      signal.throwIfAborted();
      bytes += (value as Buffer).length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield value as Buffer;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof GatewayError ? thrown : clientLeft();
  }
}
