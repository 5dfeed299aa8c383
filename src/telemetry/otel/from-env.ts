import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ConsoleSpanExporter,
  createAlwaysRecordSampler,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import { DEFAULT_SAMPLER, type SamplerName } from '../settings.ts';
import type { ExportWatch } from './export-watch.ts';
import {
  batchSettings,
  exporterNames,
  given,
  isDisabled,
  type OtelEnv,
  otlpEndpoint,
  wantsProtobuf,
  whole,
} from './variables.ts';

/**
 * NodeSDK stops reading the environment for whatever it is handed, and BatchSpanProcessor reads none. So what
 * `OTEL_*` says of span exporters, batches and sampling is composed here.
 */
export { isDisabled, type OtelEnv };

/** Whether somebody asked for metrics; then NodeSDK composes them by itself. */
export const namesMetricExporter = (env: OtelEnv): boolean =>
  !isDisabled(env) && given(env, 'OTEL_METRICS_EXPORTER') !== undefined;

/** Where traces go, for the start line; null when nothing is exported over OTLP. */
export const tracesEndpoint = (env: OtelEnv): string | null => otlpEndpoint(env, 'TRACES');

const createOtlpExporter = (env: OtelEnv): SpanExporter =>
  wantsProtobuf(env, 'TRACES') ? new ProtobufTraceExporter() : new JsonTraceExporter();

/** One processor an exporter; none when the SDK is disabled or no endpoint is set. */
export const createExportProcessors = (env: OtelEnv, watch: ExportWatch): SpanProcessor[] => {
  if (isDisabled(env)) return [];
  const processors: SpanProcessor[] = [];
  if (tracesEndpoint(env) !== null) {
    processors.push(watch.batches(createOtlpExporter(env), batchSettings(env, 'OTEL_BSP')));
  }
  if (exporterNames(env, 'TRACES').includes('console')) {
    processors.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
  }
  return processors;
};

const createHeadSampler = (env: OtelEnv): Sampler => {
  const name = (given(env, 'OTEL_TRACES_SAMPLER') ?? DEFAULT_SAMPLER) as SamplerName;
  const ratio = () => new TraceIdRatioBasedSampler(Number(given(env, 'OTEL_TRACES_SAMPLER_ARG') ?? 1));
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio();
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio() });
  }
};

/** Head sampling decides what is exported; the mirror and the metrics see every span. */
export const createSampler = (env: OtelEnv): Sampler => createAlwaysRecordSampler(createHeadSampler(env));

/** The span limits that decide how many events a span keeps and whether the SDK cuts their attributes. */
export const eventLimits = (env: OtelEnv): { eventCount: number; cutsAttributes: boolean } => ({
  eventCount: whole(env, 'OTEL_SPAN_EVENT_COUNT_LIMIT') ?? 128,
  cutsAttributes: [
    'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
  ].some((name) => given(env, name) !== undefined),
});
