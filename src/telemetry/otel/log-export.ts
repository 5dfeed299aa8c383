import type { Logger } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import {
  BatchLogRecordProcessor,
  type LogRecordExporter,
  type LogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import { toLogRecord } from './log-record.ts';
import { batchSettings, type OtelEnv, otlpEndpoint, wantsProtobuf } from './variables.ts';

/** What is told of log records that could not be sent: when that begins, when it is over, and when the process ends before it is. */
export interface LossReport {
  /** Records are lost: so many since they last arrived. */
  onLost(lost: number, error: Error): void;
  /** Records arrive again; so many were lost in between. */
  onRecovered(lost: number): void;
}

/** The way of the log's lines to an OTLP endpoint. */
export interface LogExport {
  /** Sends a line of the log, some time soon. Never blocks and never throws; what is too much is dropped and counted. */
  emit(line: string): void;
  /** Who is told of losses; nobody at first. */
  report(to: LossReport): void;
  /** Sends nothing more, and counts as lost what has not been sent by now. */
  close(): void;
}

/** The SDK's own default for `OTEL_BLRP_MAX_QUEUE_SIZE`. */
const MAX_QUEUE = 2048;

const createLosses = () => {
  let report: LossReport | undefined;
  let lost = 0;
  let isAway = false;
  return {
    report(to: LossReport): void {
      report = to;
    },
    add(records: number, error: Error): void {
      lost += records;
      if (isAway) return;
      // Before the report, which is a line of the log and comes back here.
      isAway = true;
      report?.onLost(lost, error);
    },
    close(records: number): void {
      lost += records;
      if (lost > 0) report?.onLost(lost, new Error('the gateway ends'));
    },
    end(): void {
      if (!isAway) return;
      const count = lost;
      [lost, isAway] = [0, false];
      report?.onRecovered(count);
    },
  };
};

/**
 * Sends log records over OTLP/HTTP in batches; null where no endpoint is set for them, where `OTEL_LOGS_EXPORTER` names another exporter
 * than `otlp`, or where the SDK is disabled. Everything beside that is the environment's: headers, compression, protocol, `OTEL_BLRP_*`.
 *
 * @returns the processor for the SDK, and `open`, which wants the SDK's logger once that has started
 */
export const createLogExport = (
  env: OtelEnv,
): { processor: LogRecordProcessor; open(logger: Logger): LogExport } | null => {
  if (otlpEndpoint(env, 'LOGS') === null) return null;
  const exporter: LogRecordExporter = wantsProtobuf(env, 'LOGS')
    ? new ProtobufLogExporter()
    : new JsonLogExporter();
  const settings = { maxQueueSize: MAX_QUEUE, ...batchSettings(env, 'OTEL_BLRP') };
  const losses = createLosses();
  // The batch processor drops what is too much without a word, so the bound is kept here too, and first.
  let waiting = 0;
  const counted: LogRecordExporter = {
    export(records, done) {
      exporter.export(records, (result) => {
        waiting -= records.length;
        if (result.code === ExportResultCode.SUCCESS) losses.end();
        else losses.add(records.length, result.error ?? new Error('the export failed'));
        // The loss is told by us; the processor would tell each batch of it once more.
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
  const take = (logger: Logger, line: string): void => {
    if (waiting >= settings.maxQueueSize) throw new Error(`${waiting} records wait already`);
    const record = toLogRecord(line);
    waiting++;
    logger.emit(record);
  };
  let isClosed = false;
  const open = (logger: Logger): LogExport => ({
    emit(line) {
      if (isClosed) return;
      try {
        take(logger, line);
      } catch (error) {
        losses.add(1, error instanceof Error ? error : new Error(String(error)));
      }
    },
    report: losses.report,
    close() {
      if (isClosed) return;
      isClosed = true;
      losses.close(waiting);
    },
  });
  return { processor: new BatchLogRecordProcessor({ exporter: counted, ...settings }), open };
};
