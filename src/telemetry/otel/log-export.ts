import type { Logger } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { BatchLogRecordProcessor, type LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { toLogRecord } from './log-record.ts';
import { batchSettings, type OtelEnv, otlpEndpoint, wantsProtobuf } from './variables.ts';
import type { WatchedExport } from './watched-export.ts';

/** The way of the log's lines to an OTLP endpoint. */
export interface LogExport {
  /** Sends a line of the log, some time soon. Never blocks and never throws; what is too much is dropped and counted. */
  emit(line: string): void;
  /** Sends nothing more. */
  close(): void;
}

/**
 * Sends log records over OTLP/HTTP in batches; null where no endpoint is set for them, where `OTEL_LOGS_EXPORTER` is `none`, or where the
 * SDK is disabled. Everything beside that is the environment's: headers, compression, protocol, `OTEL_BLRP_*`.
 *
 * @returns the processor for the SDK, and `open`, which wants the SDK's logger once that has started
 */
export const createLogExport = (
  env: OtelEnv,
  watch: WatchedExport,
): { processor: LogRecordProcessor; open(logger: Logger): LogExport } | null => {
  if (otlpEndpoint(env, 'LOGS') === null) return null;
  const exporter = wantsProtobuf(env, 'LOGS') ? new ProtobufLogExporter() : new JsonLogExporter();
  const processor = new BatchLogRecordProcessor({
    exporter: watch.through(exporter),
    ...batchSettings(env, 'LOGS'),
  });
  const open = (logger: Logger): LogExport => {
    let isClosed = false;
    return {
      emit(line) {
        if (isClosed) return;
        try {
          const record = toLogRecord(line);
          if (watch.enter()) logger.emit(record);
        } catch (error) {
          watch.lose(1, error instanceof Error ? error : new Error(String(error)));
        }
      },
      close() {
        isClosed = true;
      },
    };
  };
  return { processor, open };
};
