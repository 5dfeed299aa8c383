import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Diagnostics } from '../diagnostics.ts';

/** A mirror post that takes longer than this has a gateway behind it that is gone. */
const MIRROR_TIMEOUT_MS = 2_000;

/** Loads the exporter's package when the first batch leaves, so that the first reply does not wait for it. */
const createLazyExporter = (load: () => Promise<SpanExporter>, diagnostics: Diagnostics): SpanExporter => {
  let loading: Promise<SpanExporter> | undefined;
  return {
    export(spans, done) {
      loading ??= load();
      loading.then(
        (exporter) => exporter.export(spans, done),
        (cause: unknown) => {
          diagnostics.error('the trace exporter could not be loaded', { error: String(cause) });
          done({ code: ExportResultCode.FAILED });
        },
      );
    },
    forceFlush: async () => (await loading)?.forceFlush?.(),
    shutdown: async () => (await loading)?.shutdown(),
  };
};

const loadJson = async (config: object): Promise<SpanExporter> => {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new OTLPTraceExporter(config);
};

const loadProtobuf = async (): Promise<SpanExporter> => {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
};

/** The exporter that the standard variables describe; undefined, with a warning, for a protocol that is not spoken here. */
export const createEnvExporter = (protocol: string, diagnostics: Diagnostics): SpanExporter | undefined => {
  switch (protocol) {
    case 'http/json':
      return createLazyExporter(() => loadJson({}), diagnostics);
    case 'http/protobuf':
      return createLazyExporter(loadProtobuf, diagnostics);
    default:
      diagnostics.warn(
        'OTEL_EXPORTER_OTLP_PROTOCOL: http/json and http/protobuf are supported; nothing is exported',
      );
      return undefined;
  }
};

/** To the gateway's mirror: always JSON, never compressed, whatever the environment says of the other destination. */
export const createMirrorExporter = (url: string, diagnostics: Diagnostics): SpanExporter =>
  createLazyExporter(
    () => loadJson({ url, timeoutMillis: MIRROR_TIMEOUT_MS, compression: 'none' }),
    diagnostics,
  );
