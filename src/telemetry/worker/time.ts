import type { HrTime } from '@opentelemetry/api';

/** Nanoseconds since the epoch as a decimal number in text. */
export const timeOf = ([seconds, nanos]: HrTime): string =>
  seconds === 0 ? String(nanos) : `${seconds}${String(nanos).padStart(9, '0')}`;
