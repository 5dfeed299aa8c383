/** The words that telemetry's settings can have, apart from the code that acts on them: the commands that only read need these alone. */

/** How much of a payload mirror and span events carry: all of it (sanitized, cut), its description, nothing. */
export const CAPTURES = ['full', 'metadata', 'off'] as const;
export type Capture = (typeof CAPTURES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `OTEL_TRACES_SAMPLER`, as the OpenTelemetry specification names them. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** Where none is named: the SDK's own would let any client switch a request's export off, by an unsampled `traceparent`. */
export const DEFAULT_SAMPLER: SamplerName = 'always_on';

/** What `OTEL_PROPAGATORS` may name. */
export const PROPAGATORS = ['tracecontext', 'baggage', 'b3', 'b3multi', 'none'] as const;
export const DEFAULT_PROPAGATORS = 'tracecontext,baggage';
