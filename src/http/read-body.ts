import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { systemLater } from '../later.ts';
import type { BodyBudget } from './body-budget.ts';

export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Shared by all bodies that are being read. */
  readonly budget: BodyBudget;
}

/** The body as it came, or why it could not be had. Refusals come as values: who may be told is decided later. */
export type Body =
  | { readonly type: 'bytes'; readonly bytes: Buffer }
  | { readonly type: 'refused'; readonly error: GatewayError; readonly bytes: number };

/** The refusal of a body that is too long. */
export const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('request_too_large', `The request body is larger than ${maxBytes} bytes.`);

const tooSlow = (timeoutMs: number): GatewayError =>
  new GatewayError(
    'request_timeout',
    `The request body did not arrive within ${timeoutMs} ms (PROXY_BODY_TIMEOUT_MS).`,
    // The rest of the body stands between this request and the next one.
    { headers: { connection: 'close' } },
  );

const noRoom = (): GatewayError =>
  new GatewayError('queue_full', 'The bodies that are being sent take all the memory that they may.', {
    headers: { 'retry-after': '1' },
  });

/**
 * How much of a body that is too long is read all the same: many clients read the answer only when they have sent everything, and on
 * a connection that closes behind it, what nobody reads would reset the connection, and the answer with it.
 */
const DISCARD_FACTOR = 4;

const discardRest = (request: IncomingMessage, maxBytes: number): void => {
  let rest = 0;
  request.on('data', (chunk: Buffer) => {
    rest += chunk.length;
    if (rest > maxBytes * DISCARD_FACTOR) request.destroy();
  });
  request.resume();
};

/** Takes room for what has come. The rest waits where another process has to be asked. */
const takeRoom = (
  request: IncomingMessage,
  { take }: BodyBudget,
  bytes: number,
  then: (isRoom: boolean) => void,
): void => {
  const taken = take(bytes);
  if (typeof taken === 'boolean') return then(taken);
  request.pause();
  void taken.then((isRoom) => {
    then(isRoom);
    request.resume();
  });
};

/** Reads a body of at most `maxBytes` within `timeoutMs`. Rejects with the signal's reason when the client leaves. */
export const readBody = (request: IncomingMessage, limits: BodyLimits, signal: AbortSignal): Promise<Body> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let held = 0;
    let isFinished = false;
    const letGo = (): void => {
      chunks.length = 0;
      limits.budget.give(held);
      held = 0;
    };
    const finish = (settle: () => void): void => {
      isFinished = true;
      cancel();
      request.off('data', onData).off('end', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      settle();
      letGo();
    };
    const refuse = (error: GatewayError): void =>
      finish(() => {
        // An error after the refusal is the client's going away, which the response notices.
        request.on('error', () => undefined);
        discardRest(request, limits.maxBytes);
        resolve({ type: 'refused', error, bytes });
      });
    const isTooLarge = (): boolean => bytes > limits.maxBytes;
    const hold = (chunk: Buffer): void => {
      held += chunk.length;
      chunks.push(chunk);
    };
    const keep = (chunk: Buffer): void =>
      takeRoom(request, limits.budget, chunk.length, (isRoom) => {
        if (isFinished) return isRoom ? limits.budget.give(chunk.length) : undefined;
        return isRoom ? hold(chunk) : refuse(noRoom());
      });
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (!isTooLarge()) return keep(chunk);
      letGo();
      if (bytes > limits.maxBytes * DISCARD_FACTOR) refuse(tooLarge(limits.maxBytes));
    };
    const onEnd = (): void =>
      isTooLarge()
        ? refuse(tooLarge(limits.maxBytes))
        : finish(() => resolve({ type: 'bytes', bytes: Buffer.concat(chunks) }));
    const onAbort = (): void => finish(() => reject(signal.reason));
    const onError = (cause: Error): void =>
      finish(() =>
        reject(
          signal.aborted
            ? signal.reason
            : new GatewayError('client_disconnected', 'The client left while it sent the request.', {
                cause,
              }),
        ),
      );
    const cancel = systemLater(limits.timeoutMs, () =>
      refuse(isTooLarge() ? tooLarge(limits.maxBytes) : tooSlow(limits.timeoutMs)),
    );
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    request.on('data', onData).on('end', onEnd).on('error', onError);
  });
