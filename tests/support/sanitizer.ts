import { type CapturePolicy, capturePolicy } from '../../src/telemetry/policy/index.ts';
import { createSanitizer } from '../../src/telemetry/sanitize.ts';
import type { Capture } from '../../src/telemetry/settings.ts';

/** The sanitizer with the built-in rules alone. */
export const builtIn = createSanitizer();
export const {
  sanitizeText,
  createTextSanitizer,
  sanitizeJson,
  sanitizeHeaders,
  sanitizeAttributes,
  describePayload,
} = builtIn;

/** What may leave at a setting of `PROXY_CAPTURE`, with that sanitizer. */
export const policyOf = (capture: Capture): CapturePolicy => capturePolicy(capture, builtIn);
