import type { Attributes } from '@opentelemetry/api';
import type { Fact } from '../facts/ops.ts';
import type { Shares } from '../facts/queue.ts';
import type { FileSettings } from '../mirror/logged-file.ts';
import type { OtlpReceiverUrls, ReceiverPlace } from '../mirror/otlp-receiver.ts';
import type { OtelEnv } from '../otel/variables.ts';
import type { RuleSources } from '../sanitize/redact-file.ts';
import type { Capture } from '../settings.ts';

/** The files of the mirror. */
export interface MirrorSettings {
  readonly main: FileSettings;
  readonly refused: FileSettings;
  /** Stands on each line where several processes write the files. */
  readonly pid?: number;
}

/** Numbers that are handed on, and count no further. */
export type OfShares = Readonly<Shares>;

/** What a telemetry thread begins with. */
export interface ThreadStart {
  readonly env: OtelEnv;
  readonly capture: Capture;
  /** The operator's rules for the sanitizer. */
  readonly rules: RuleSources | null;
  readonly marker: string;
  readonly resource: { readonly attributes: Attributes; readonly options: { readonly schemaUrl?: string } };
  readonly mirror: MirrorSettings | null;
  readonly tally: SharedArrayBuffer;
  /** The numbers of the first lines, and how many lines were lost with the thread before. */
  readonly seq: OfShares;
  readonly lost: OfShares;
  /** Where backends send their spans already; null: nobody knows the place yet. */
  readonly receiver: ReceiverPlace | null;
}

/** A line for the log, which the other thread writes. */
export interface ThreadLog {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** To the telemetry thread. */
export type ToThread =
  | readonly Fact[]
  /** Asks whether a trace of a backend lacks spans; `stop` takes the question back. */
  | { readonly type: 'settled' | 'stop'; readonly id: number; readonly traceId: string }
  /** Ends the receiver and the exports. */
  | { readonly type: 'export' }
  /** Closes the files, and ends. */
  | { readonly type: 'close' };

/** From the telemetry thread. */
export type FromThread =
  | { readonly type: 'ready'; readonly urls: OtlpReceiverUrls | null; readonly place: ReceiverPlace | null }
  /** The oldest batch that was not answered yet was worked on. */
  | { readonly type: 'handled' }
  | ({ readonly type: 'log' } & ThreadLog)
  /** What OpenTelemetry says about itself. */
  | { readonly type: 'diag'; readonly level: ThreadLog['level']; readonly text: string }
  | { readonly type: 'settled'; readonly id: number }
  /** All is exported or given up; `last` tells what was never sent. */
  | { readonly type: 'exported'; readonly last: readonly ThreadLog[] }
  | { readonly type: 'closed' };
