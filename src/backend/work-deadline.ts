import { GatewayError } from '../errors.ts';
import { systemLater } from '../later.ts';

/** Resolves like `work`. Rejects with the signal's reason if the signal aborts first; `work` itself goes on. */
export const abortable = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', giveUp));
};

/** Resolves like `work`. Rejects after `ms`, or when the signal aborts; `work` itself goes on. `what` names it in the error. */
export const withDeadline = async <T>(
  work: Promise<T>,
  ms: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const cancel = systemLater(ms, () =>
    reject(new GatewayError('backend_timeout', `The backend did not finish ${what} within ${ms} ms.`)),
  );
  const inTime = Promise.race([work, tooLate]);
  return (signal ? abortable(inTime, signal) : inTime).finally(cancel);
};
