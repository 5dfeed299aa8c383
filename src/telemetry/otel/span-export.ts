import { TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import {
  batchSettings,
  exporterNames,
  isDisabled,
  type OtelEnv,
  otlpEndpoint,
  wantsProtobuf,
} from './variables.ts';
import type { WatchedExport } from './watched-export.ts';

const createOtlpExporter = (env: OtelEnv): SpanExporter =>
  wantsProtobuf(env, 'TRACES') ? new ProtobufTraceExporter() : new JsonTraceExporter();

/**
 * The SDK's own batches in front of a watched OTLP exporter; null when the SDK is disabled or no endpoint is set. BatchSpanProcessor reads no
 * environment.
 */
export const createOtlpBatches = (env: OtelEnv, watch: WatchedExport): SpanProcessor | null => {
  if (otlpEndpoint(env, 'TRACES') === null) return null;
  const batches = new BatchSpanProcessor({
    exporter: watch.through(createOtlpExporter(env)),
    ...batchSettings(env, 'TRACES'),
  });
  const enqueue = batches.onEnd.bind(batches);
  batches.onEnd = (span) => {
    const isSampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
    if (isSampled && watch.enter()) enqueue(span);
  };
  return batches;
};

/**
 * One processor an exporter that `OTEL_TRACES_EXPORTER` names; none when the SDK is disabled or no endpoint is set. NodeSDK stops reading the
 * environment for whatever it is handed, so it is read here.
 */
export const createSpanProcessors = (env: OtelEnv, watch: WatchedExport): SpanProcessor[] => {
  if (isDisabled(env)) return [];
  const batches = createOtlpBatches(env, watch);
  const processors = batches ? [batches] : [];
  if (exporterNames(env, 'TRACES').includes('console')) {
    processors.push(new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }));
  }
  return processors;
};
