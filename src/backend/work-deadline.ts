import { GatewayError } from '../errors.ts';
import { systemLater } from '../later.ts';

/** What `work` gives, unless the signal aborts before: then it rejects with its reason, and the work goes on unheard. */
export const abortable = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', giveUp));
};

/** What `work` gives, unless `ms` are over before, or the signal aborts: then it rejects, and the work goes on unheard. */
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
