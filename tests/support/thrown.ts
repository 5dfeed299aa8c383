import { GatewayError } from '../../src/errors.ts';

/** The `GatewayError` that `run` throws; fails when it throws anything else, or nothing. */
export const refusalOf = (run: () => unknown): GatewayError => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
  throw new Error('it was not refused');
};

/** What a promise rejects with; fails when it does not. */
export const rejectionOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const settled = await promise.then(
    () => null,
    (reason: unknown) => ({ reason }),
  );
  if (!settled) throw new Error('it did not reject');
  return settled.reason;
};
