import type { Usage } from '../gateway/turn.ts';
import type { Mode, Outcome } from '../telemetry/phases.ts';

/** What a request puts into its usage record; the log adds what is the same for all. */
export type UsageFacts = Omit<UsageRecord, 'v' | 'ts' | 'phase' | 'kind'>;

/** One line of the usage log: one for every request, refused ones included. `schemas/usage-record.schema.json` says the same. */
export interface UsageRecord {
  readonly v: 1;
  readonly ts: string;
  readonly time_ns: string;
  /** The words of a mirror line, so that one search finds both. */
  readonly phase: 'usage_summary';
  readonly kind: 'usage';
  readonly req_id: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly route: string;
  readonly method: string;
  readonly mode: Mode;
  /** What was sent, or 499 for a client that left before the head. */
  readonly status_code: number;
  readonly outcome: Outcome;
  readonly error_code: string | null;
  readonly model: string | null;
  readonly response_model: string | null;
  /** The backend that was asked last, as it is configured; null where none was. */
  readonly backend: string | null;
  /** The name of the API key that was used, never the key. */
  readonly key_name: string | null;
  /** `partial`: counted before the turn was cut off; `missing`: the provider gave none, and none is invented. */
  readonly usage_source: 'provider' | 'partial' | 'missing';
  readonly usage: Usage | null;
  readonly duration_ms: number;
  readonly first_token_ms: number | null;
  /** Of `duration_ms`; null for what has not happened. */
  readonly queue_ms: number | null;
  readonly connect_ms: number | null;
  readonly head_ms: number | null;
  readonly upstream_ms: number | null;
  /** What is left of `duration_ms`: the gateway's own time, and that of a slow client. */
  readonly overhead_ms: number | null;
  readonly bytes_out: number;
}
