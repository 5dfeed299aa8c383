import { DEFAULT_SAMPLER, PROPAGATORS, SAMPLERS } from '../telemetry/settings.ts';
import { ConfigError, type Reader, readUrl } from './reader.ts';

/** The log stands on stdout anyway, so there is no `console` for it. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  OTEL_TRACES_EXPORTER: ['otlp', 'console', 'none'],
  OTEL_LOGS_EXPORTER: ['otlp', 'none'],
  OTEL_PROPAGATORS: PROPAGATORS,
};

const OTLP_ENDPOINTS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
];

/** Checks the `OTEL_*` variables that decide where spans and log records go. Throws a `ConfigError` for the first one that is wrong. */
export const assertOtel = (read: Reader): void => {
  const { oneOf, given, whole } = read;
  for (const name of OTLP_ENDPOINTS) readUrl(read, name, ['http:', 'https:']);
  const protocols = ['http/json', 'http/protobuf'] as const;
  oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', protocols, 'http/json');
  oneOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', protocols, 'http/json');
  oneOf('OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', protocols, 'http/json');
  oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, DEFAULT_SAMPLER);
  for (const [name, known] of Object.entries(LISTS)) {
    const list = given(name);
    if (list?.split(',').some((word) => !known.includes(word.trim())))
      throw new ConfigError(name, list, `a comma list of ${known.join(', ')}`);
  }
  const ratio = Number(given('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1))
    throw new ConfigError(
      'OTEL_TRACES_SAMPLER_ARG',
      String(given('OTEL_TRACES_SAMPLER_ARG')),
      'a number from 0 to 1',
    );
  const batch = ['MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE', 'SCHEDULE_DELAY', 'EXPORT_TIMEOUT'];
  for (const name of batch) {
    whole(`OTEL_BSP_${name}`, 1, 0, Number.MAX_SAFE_INTEGER);
    whole(`OTEL_BLRP_${name}`, 1, 1, Number.MAX_SAFE_INTEGER);
  }
  whole('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, 0, Number.MAX_SAFE_INTEGER);
};
