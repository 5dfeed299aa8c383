import type { MirrorLine } from '../telemetry/mirror/line.ts';
import type { Kind, Mode, Outcome, Phase } from '../telemetry/phases.ts';
import type { UsageRecord } from '../usage/usage-record.ts';

/** The file that a line was read from. */
const SOURCES = ['access', 'proto', 'usage'] as const;
export type Source = (typeof SOURCES)[number];

/** The gateway's log line that says how a request ended; other log lines are none of the timeline's business. */
export interface AccessLine {
  readonly kind: 'access';
  /** UTC, milliseconds. */
  readonly time: string;
  readonly req_id: string;
  readonly trace_id?: string;
  readonly span_id?: string;
  readonly method?: string;
  readonly route?: string;
  readonly mode?: Mode;
  readonly status_code?: number;
  readonly outcome?: Outcome;
  readonly duration_ms?: number;
}

/** A line of one of the files, already known to concern the request. */
export type SourceLine =
  | { readonly source: 'proto'; readonly line: MirrorLine }
  | { readonly source: 'usage'; readonly line: UsageRecord }
  | { readonly source: 'access'; readonly line: AccessLine };

/** One thing that happened, in the order of time. */
export interface Entry {
  /** Which use of the request id it belongs to, from 1. */
  readonly attempt: number;
  /** `service.name` of the gateway that wrote it, where a span of it says so. */
  readonly service: string | null;
  readonly source: Source;
  readonly phase: Phase | null;
  /** Null for an event that an instrumentation added by itself; `name` then says what it is. */
  readonly kind: Kind | 'access' | null;
  readonly name: string;
  /** Nanoseconds since the epoch. An access line knows its millisecond alone. */
  readonly timeNs: bigint;
  /** Nanoseconds since the attempt's start. */
  readonly sinceStartNs: bigint;
  readonly failed: boolean;
  /** True for the first piece of the answer that came from the backend. */
  readonly firstToken: boolean;
  readonly payload: unknown;
  readonly line: SourceLine['line'];
}

/** A span, or what is known of one whose end was never written. */
export interface SpanNode {
  readonly attempt: number;
  /** Null for a span that is known only from what happened below it. */
  readonly spanId: string | null;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: string | null;
  readonly service: string | null;
  readonly phase: Phase | null;
  readonly startNs: bigint;
  /** Null while the span is open, or for ever when the process died. */
  readonly endNs: bigint | null;
  /** True for a backend's span that others name as their parent and that was never written, although the request has ended. */
  readonly isLost: boolean;
  /** True for the SERVER span of a gateway that another gateway called: its clock may be another one than its parent's. */
  readonly isRemote: boolean;
  readonly error: { readonly type: string | null; readonly message: string | null } | null;
  readonly firstTokenNs: bigint | null;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly children: readonly SpanNode[];
}

/** What is known of one use of a request id, from whichever file says it. */
export interface Attempt {
  readonly number: number;
  readonly traceId: string | null;
  /**
   * The gateways that it went through, outermost first: a list for each step of the way, since a gateway may call several. All else that is
   * said of the attempt is what the outermost says.
   */
  readonly services: readonly (readonly string[])[];
  readonly startNs: bigint;
  /** The last instant that any line speaks of. */
  readonly lastNs: bigint;
  /** True once the usage summary was written; what has no phases ends with its SERVER span. */
  readonly ended: boolean;
  readonly route: string | null;
  readonly method: string | null;
  readonly mode: Mode | null;
  readonly statusCode: number | null;
  readonly outcome: Outcome | null;
  readonly errorCode: string | null;
  readonly durationMs: number | null;
  readonly firstTokenNs: bigint | null;
  readonly model: string | null;
  /** As the provider gave them, or null: no number is ever invented. */
  readonly tokens: UsageRecord['usage'];
  readonly tokenSource: UsageRecord['usage_source'] | null;
}

/** A file that was looked in, with its rotated siblings. */
export interface Searched {
  readonly source: Source;
  readonly path: string;
  readonly found: boolean;
  /** Whether it says anything of the request that no file before it says. */
  readonly heard: boolean;
}

/** Everything that the files say about a request id. `attempts` is empty when they say nothing. */
export interface Timeline {
  readonly reqId: string;
  readonly attempts: readonly Attempt[];
  /** The roots of each attempt's span tree, earliest first. */
  readonly spans: readonly SpanNode[];
  readonly entries: readonly Entry[];
  /** What is missing or was skipped, in sentences. */
  readonly notes: readonly string[];
  readonly searched: readonly Searched[];
}

/** One file, or those of several gateways. */
export type LogPaths = string | readonly string[];

/** Where to look. The files' rotated siblings (`FILE.1`, `FILE.2`, …) are read too. */
export interface TimelineFiles {
  readonly protoLog: LogPaths;
  readonly usageLog: LogPaths;
  readonly accessLog?: LogPaths | undefined;
}

export interface TimelineQuery extends TimelineFiles {
  readonly reqId: string;
}
