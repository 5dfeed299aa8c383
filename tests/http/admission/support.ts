import type { GatewayError } from '../../../src/errors.ts';
import {
  type AdmissionLimits,
  createAdmission,
  type Release,
} from '../../../src/http/admission/admission.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

/** What became of a wish so far. */
export type Asked = {
  key: string | null;
  stream: boolean;
  state: 'waiting' | 'running' | 'refused';
  error?: GatewayError;
  release: Release;
  leave(error: GatewayError): void;
};

const ROOMY: AdmissionLimits = {
  maxConcurrency: 100,
  maxStreams: 100,
  maxPerKey: null,
  queueMax: 100,
  queueWaitMs: 2_000,
};

/** Lets promises that are settled say so. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const openAdmission = (limits: Partial<AdmissionLimits>) => {
  const timers = createFakeTimers();
  const admission = createAdmission({ limits: { ...ROOMY, ...limits }, later: timers.later });
  const entered: Asked[] = [];

  /** Asks, and does not wait: `settle` does. */
  const ask = (key: string | null = null, stream = false): Asked => {
    const controller = new AbortController();
    const asked: Asked = {
      key,
      stream,
      state: 'waiting',
      release: () => undefined,
      leave: (error) => controller.abort(error),
    };
    admission.admit({ key, stream, signal: controller.signal }).then(
      (release) => {
        Object.assign(asked, { state: 'running', release });
        entered.push(asked);
      },
      (error: GatewayError) => Object.assign(asked, { state: 'refused', error }),
    );
    return asked;
  };
  return { admission, timers, ask, entered };
};
