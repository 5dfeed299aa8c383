import type { Outcome } from './telemetry/phases.ts';

type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'rate_limit_error'
  | 'server_error'
  | 'timeout_error';

interface ErrorRow {
  readonly status: number;
  readonly type: ErrorType;
  readonly outcome: Outcome;
}

const refused = (status: number): ErrorRow => ({
  status,
  type: 'invalid_request_error',
  outcome: 'invalid_request',
});
const late: ErrorRow = { status: 504, type: 'timeout_error', outcome: 'timeout' };
const notFound: ErrorRow = { status: 404, type: 'invalid_request_error', outcome: 'not_found' };

/** The one table: what each error code means over HTTP, and how a request that ends with it is recorded. */
export const ERRORS = {
  invalid_http_request: refused(400),
  invalid_json: refused(400),
  invalid_type: refused(400),
  invalid_value: refused(400),
  missing_required_parameter: refused(400),
  unsupported_parameter: refused(400),
  context_length_exceeded: refused(400),
  backend_refused_request: refused(400),
  invalid_api_key: { status: 401, type: 'authentication_error', outcome: 'unauthorized' },
  route_not_found: notFound,
  model_not_found: notFound,
  method_not_allowed: refused(405),
  request_timeout: { status: 408, type: 'timeout_error', outcome: 'timeout' },
  request_too_large: refused(413),
  unsupported_media_type: refused(415),
  request_header_fields_too_large: refused(431),
  key_concurrency_exceeded: { status: 429, type: 'rate_limit_error', outcome: 'rate_limited' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', outcome: 'rate_limited' },
  client_disconnected: { status: 499, type: 'invalid_request_error', outcome: 'client_disconnect' },
  client_stalled: { status: 499, type: 'invalid_request_error', outcome: 'client_disconnect' },
  internal_error: { status: 500, type: 'server_error', outcome: 'gateway_error' },
  backend_error: { status: 502, type: 'server_error', outcome: 'backend_error' },
  backend_exited: { status: 502, type: 'server_error', outcome: 'backend_exit' },
  backend_overloaded: { status: 503, type: 'server_error', outcome: 'overloaded' },
  queue_full: { status: 503, type: 'server_error', outcome: 'overloaded' },
  queue_timeout: { status: 503, type: 'server_error', outcome: 'overloaded' },
  shutting_down: { status: 503, type: 'server_error', outcome: 'overloaded' },
  request_deadline_exceeded: late,
  backend_unavailable: { status: 503, type: 'server_error', outcome: 'overloaded' },
  backend_connect_timeout: late,
  backend_first_byte_timeout: late,
  backend_idle_timeout: late,
  backend_timeout: late,
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

interface ErrorDetail {
  readonly param?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An ending that the gateway can explain: its code decides status, type and outcome. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.param = detail.param ?? null;
    this.headers = detail.headers ?? {};
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get outcome(): Outcome {
    return ERRORS[this.code].outcome;
  }
}

/** Anything thrown, as an ending: what is not ours is `internal_error`, and its text stays with us as `cause`. */
export const toGatewayError = (thrown: unknown): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : new GatewayError('internal_error', 'The gateway failed. Its log has the request id.', {
        cause: thrown,
      });

/** The body of every error answer, and the data of every error event: OpenAI's envelope plus the request id. */
export const errorBody = (error: GatewayError, requestId: string) => ({
  error: {
    message: error.message,
    type: ERRORS[error.code].type,
    param: error.param,
    code: error.code,
    request_id: requestId,
  },
});
