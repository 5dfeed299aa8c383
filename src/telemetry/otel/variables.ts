/** The `OTEL_*` variables of the environment, which `config.ts` has checked. */
export type OtelEnv = Readonly<Record<string, string>>;

/** What is exported, as in `OTEL_EXPORTER_OTLP_<signal>_ENDPOINT` and `OTEL_<signal>_EXPORTER`. */
export type Signal = 'TRACES' | 'LOGS';

/** The first of these variables that is set to something. */
export const given = (env: OtelEnv, ...names: string[]): string | undefined =>
  names.map((name) => env[name]?.trim()).find((value) => value);

/** A variable's whole number, where it is set. */
export const whole = (env: OtelEnv, name: string): number | undefined => {
  const value = given(env, name);
  return value === undefined ? undefined : Number(value);
};

/** `OTEL_SDK_DISABLED`: nothing is exported. */
export const isDisabled = (env: OtelEnv): boolean =>
  given(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';

/** Where a signal goes over OTLP; null when it is not exported so. */
export const otlpEndpoint = (env: OtelEnv, signal: Signal): string | null =>
  isDisabled(env) || !exporterNames(env, signal).includes('otlp')
    ? null
    : (given(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT') ?? null);

/** Where spans go over OTLP, or what keeps them from going anywhere, in words. */
export const tracesDestination = (env: OtelEnv): string => {
  const endpoint = otlpEndpoint(env, 'TRACES');
  if (endpoint !== null) return endpoint;
  if (isDisabled(env)) return 'not exported: OTEL_SDK_DISABLED is true';
  const exporters = exporterNames(env, 'TRACES');
  return exporters.includes('otlp')
    ? 'not exported: no OTLP endpoint is set'
    : `not exported: OTEL_TRACES_EXPORTER is ${exporters.join()}`;
};

/** The exporters that are asked for by name; OTLP alone where none is. */
export const exporterNames = (env: OtelEnv, signal: Signal): string[] =>
  (given(env, `OTEL_${signal}_EXPORTER`) ?? 'otlp').split(',').map((name) => name.trim());

/** `http/json` unless protobuf is asked for. */
export const wantsProtobuf = (env: OtelEnv, signal: Signal): boolean =>
  given(env, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, 'OTEL_EXPORTER_OTLP_PROTOCOL') === 'http/protobuf';

const BATCH_SETTINGS = {
  maxQueueSize: 'MAX_QUEUE_SIZE',
  maxExportBatchSize: 'MAX_EXPORT_BATCH_SIZE',
  scheduledDelayMillis: 'SCHEDULE_DELAY',
  exportTimeoutMillis: 'EXPORT_TIMEOUT',
} as const;

const BATCH_PREFIX: Readonly<Record<Signal, string>> = { TRACES: 'OTEL_BSP', LOGS: 'OTEL_BLRP' };

/** The settings of a batch processor, by `OTEL_BSP_*` (spans) or `OTEL_BLRP_*` (log records); those that are not set are left out. */
export const batchSettings = (
  env: OtelEnv,
  signal: Signal,
): Partial<Record<keyof typeof BATCH_SETTINGS, number>> =>
  Object.fromEntries(
    Object.entries(BATCH_SETTINGS)
      .map(([option, name]) => [option, whole(env, `${BATCH_PREFIX[signal]}_${name}`)] as const)
      .filter(([, value]) => value !== undefined),
  );

/** Whether spans go anywhere but into the mirror. */
export const exportsSpans = (env: OtelEnv): boolean =>
  otlpEndpoint(env, 'TRACES') !== null ||
  (!isDisabled(env) && exporterNames(env, 'TRACES').includes('console'));
