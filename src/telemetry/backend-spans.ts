import type { OtlpSpanRecord } from './mirror/otlp-json.ts';
import { createOtlpReceiver, type OtlpReceiver, type ReceiverPlace } from './mirror/otlp-receiver.ts';
import type { MirrorWriter } from './mirror/writer.ts';
import type { TelemetryLog } from './otel/diag.ts';
import { tellUnsent, watchExport } from './otel/export-report.ts';
import { createReadableSpans } from './otel/readable-span.ts';
import { createOtlpBatches } from './otel/span-export.ts';
import type { OtelEnv } from './otel/variables.ts';
import type { CapturePolicy } from './policy/index.ts';

const WHAT = 'spans of the backend';

/** The spans of backend processes: all go to the mirror, those of a process that does not export by itself go where ours go as well. */
export interface BackendSpans extends OtlpReceiver {
  /** Sends what waits for the export, and ends it. */
  shutdown(): Promise<void>;
  /** How many were not sent yet. */
  readonly unsent: number;
  /** Tells the log what was never sent. */
  tellUnsent(): void;
}

/** Hands spans on as our own exporter does, through a queue of their own: they are ten times as many and must not push ours out. */
const createRelay = (env: OtelEnv, log: TelemetryLog) => {
  const watch = watchExport(env, 'TRACES', log, WHAT);
  const batches = createOtlpBatches(env, watch);
  const toReadable = createReadableSpans();
  return {
    send: (record: OtlpSpanRecord): void => batches?.onEnd(toReadable(record)),
    shutdown: async (): Promise<void> => batches?.shutdown(),
    get unsent() {
      return watch.unsent;
    },
    tellUnsent: (): void => tellUnsent(env, 'TRACES', watch, log, WHAT),
  };
};

/** Starts to take them. */
export const createBackendSpans = async (
  mirror: MirrorWriter,
  policy: CapturePolicy,
  env: OtelEnv,
  log: TelemetryLog,
  place: ReceiverPlace | null = null,
): Promise<BackendSpans> => {
  const relay = createRelay(env, log);
  return Object.assign(relay, await createOtlpReceiver(mirror, policy, relay.send, place));
};
