/**
 * What this process takes from its environment: read once, here. The SDK reads on its own what describes the resource
 * (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) and the exporter (endpoint, headers, timeout, compression).
 */
export interface Environment {
  readonly traceparent: string | undefined;
  readonly tracestate: string | undefined;
  /** False where `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER` or a missing endpoint says that nothing is exported. */
  readonly exportEnabled: boolean;
  readonly exportProtocol: string;
  /** OTLP/HTTP JSON traces URL of the gateway that started us; every span goes there, sampled or not. */
  readonly mirrorUrl: string | undefined;
  /** What content spans may carry; the gateway that starts us says so. */
  readonly capture: Capture;
  /** The operator's rules for the sanitizer, as JSON, from the gateway that started us and has checked them. */
  readonly redactRules: string | undefined;
  readonly batch: BatchSettings;
}

/** As the SDK documents `OTEL_BSP_*`; undefined means its default. */
export interface BatchSettings {
  readonly scheduledDelayMillis?: number;
  readonly exportTimeoutMillis?: number;
  readonly maxQueueSize?: number;
  readonly maxExportBatchSize?: number;
}

type Variables = Readonly<Record<string, string | undefined>>;

const text = (value: string | undefined): string | undefined => value?.trim() || undefined;

const wholeNumber = (value: string | undefined): number | undefined => {
  const number = Number(text(value) ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 ? number : undefined;
};

const readBatch = (env: Variables): BatchSettings => {
  const settings = {
    scheduledDelayMillis: wholeNumber(env.OTEL_BSP_SCHEDULE_DELAY),
    exportTimeoutMillis: wholeNumber(env.OTEL_BSP_EXPORT_TIMEOUT),
    maxQueueSize: wholeNumber(env.OTEL_BSP_MAX_QUEUE_SIZE),
    maxExportBatchSize: wholeNumber(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
};

const exportEnabled = (env: Variables): boolean => {
  const disabled = text(env.OTEL_SDK_DISABLED)?.toLowerCase() === 'true';
  const exporters = (text(env.OTEL_TRACES_EXPORTER) ?? 'otlp').split(',').map((name) => name.trim());
  const endpoint = text(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) ?? text(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  return !disabled && exporters.includes('otlp') && endpoint !== undefined;
};

/** As PROXY_CAPTURE has them; what is none of them, or missing, is the one without content. */
type Capture = 'full' | 'metadata' | 'off';

const readCapture = (value: string | undefined): Capture =>
  value === 'full' || value === 'off' ? value : 'metadata';

/** Reads and freezes the environment. */
export const readEnvironment = (env: Variables = process.env): Environment =>
  Object.freeze({
    traceparent: text(env.TRACEPARENT),
    tracestate: text(env.TRACESTATE),
    exportEnabled: exportEnabled(env),
    exportProtocol:
      text(env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) ?? text(env.OTEL_EXPORTER_OTLP_PROTOCOL) ?? 'http/json',
    mirrorUrl: text(env.THROUGHLINE_MIRROR_OTLP_ENDPOINT),
    capture: readCapture(text(env.THROUGHLINE_CAPTURE)),
    redactRules: text(env.THROUGHLINE_REDACT_RULES),
    batch: readBatch(env),
  });
