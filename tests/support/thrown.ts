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
