import type { Dispatcher } from 'undici';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  /** Milliseconds from the call. */
  readonly firstByteMs: number;
  readonly ms: number;
}

/** Sends one request and takes the whole answer. `onFirst` is called at the first byte of its body. */
export const send = (
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  onFirst: () => void = () => undefined,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const begun = performance.now();
    const parts: Buffer[] = [];
    let status = 0;
    let firstByteMs = 0;
    dispatcher.dispatch(options, {
      onRequestStart: () => undefined,
      onResponseStart: (_, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_, bytes) => {
        if (parts.length === 0) {
          firstByteMs = performance.now() - begun;
          onFirst();
        }
        parts.push(bytes);
      },
      onResponseEnd: () =>
        resolve({ status, body: Buffer.concat(parts), firstByteMs, ms: performance.now() - begun }),
      onResponseError: (_, error) => reject(error),
    });
  });
