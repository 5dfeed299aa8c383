import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { clientLeft } from './exchanges.ts';

/** The refusal of a body that is too long. */
export const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('request_too_large', `The request body is larger than ${maxBytes} bytes.`);

/** The body as it comes, for whoever sends it on: the client waits while nobody reads. Throws a `GatewayError` where it is too long, or breaks off. */
export async function* streamBody(
  request: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      signal.throwIfAborted();
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield chunk as Buffer;
    }
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof GatewayError ? thrown : clientLeft();
  }
}
