/**
 * The closed vocabulary of a request: its phases, the kinds of event that happen in them, the modes it can
 * have and the outcomes it can end with. Dashboards, the mirror and the command line depend on these words.
 */

export const PHASES = [
  'http_ingress',
  'backend_submission',
  'backend_io',
  'client_egress',
  'usage_summary',
] as const;
export type Phase = (typeof PHASES)[number];

export const MODES = [
  'chat_stream',
  'chat_nonstream',
  'completions_stream',
  'completions_nonstream',
  'responses_stream',
  'responses_nonstream',
  'models',
  'other',
] as const;
export type Mode = (typeof MODES)[number];

export const OUTCOMES = [
  'completed',
  'invalid_request',
  'unauthorized',
  'not_found',
  'rate_limited',
  'overloaded',
  'client_disconnect',
  'timeout',
  'backend_error',
  'backend_exit',
  'gateway_error',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Seen from the gateway. */
export type Direction = 'inbound' | 'outbound';

export interface EventPlace {
  readonly phase: Phase;
  readonly direction: Direction | null;
}

const submission: EventPlace = { phase: 'backend_submission', direction: 'outbound' };
const io: EventPlace = { phase: 'backend_io', direction: 'inbound' };
const egress: EventPlace = { phase: 'client_egress', direction: 'outbound' };

/** Where each kind of event belongs, whatever span it happens under. */
export const KINDS = {
  client_request: { phase: 'http_ingress', direction: 'inbound' },
  rpc_request: submission,
  upstream_request: submission,
  rpc_response: io,
  rpc_error: io,
  rpc_notification: io,
  tool_block: io,
  upstream_response: io,
  upstream_chunk: io,
  backend_start: { phase: 'backend_submission', direction: null },
  backend_exit: { phase: 'backend_submission', direction: null },
  client_sse: egress,
  client_sse_done: egress,
  client_json: egress,
  keepalive: egress,
  usage: { phase: 'usage_summary', direction: null },
  trace_error: { phase: 'backend_io', direction: null },
} as const satisfies Record<string, EventPlace>;
export type Kind = keyof typeof KINDS;

/** A request *from* the app-server and our answer to it run against the usual direction of their kinds. */
export const SERVER_REQUEST: EventPlace = io;
export const SERVER_REQUEST_ANSWER: EventPlace = submission;
