import { headOf } from './cut.ts';
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
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable: boolean;
  /** What the client should do. */
  readonly advice: string;
}

const refused = (status: number, advice: string): ErrorRow => ({
  status,
  type: 'invalid_request_error',
  outcome: 'invalid_request',
  retryable: false,
  advice,
});
const notFound = (advice: string): ErrorRow => ({ ...refused(404, advice), outcome: 'not_found' });
const limited = (advice: string): ErrorRow => ({
  status: 429,
  type: 'rate_limit_error',
  outcome: 'rate_limited',
  retryable: true,
  advice,
});
const failed = (status: number, outcome: Outcome, advice: string): ErrorRow => ({
  status,
  type: 'server_error',
  outcome,
  retryable: true,
  advice,
});
const late = (status: number, advice: string): ErrorRow => ({
  status,
  type: 'timeout_error',
  outcome: 'timeout',
  retryable: true,
  advice,
});
const gone = (advice: string): ErrorRow => ({ ...refused(499, advice), outcome: 'client_disconnect' });

const LATER = 'wait as `Retry-After` says, then send it again';

/** The one table: what each error code means over HTTP, how a request that ends with it is recorded, and what helps. */
export const ERRORS = {
  invalid_http_request: refused(400, 'send HTTP/1.1; the message says what could not be parsed'),
  invalid_json: refused(400, 'send JSON in UTF-8'),
  invalid_type: refused(400, 'give the field in `param` the type that the message names'),
  invalid_value: refused(400, 'give the field in `param` a value that the message allows'),
  missing_required_parameter: refused(400, 'send the field in `param`'),
  unsupported_parameter: refused(400, 'leave the field in `param` out, or see docs/parameters.md'),
  context_length_exceeded: refused(400, 'shorten the conversation'),
  backend_refused_request: refused(400, "change the request; the trace has the provider's words"),
  invalid_api_key: {
    ...refused(401, 'send `Authorization: Bearer <key>`'),
    type: 'authentication_error',
    outcome: 'unauthorized',
  },
  host_not_allowed: {
    ...refused(403, 'call it by a loopback name, or have the operator add yours to `PROXY_ALLOWED_HOSTS`'),
    outcome: 'unauthorized',
  },
  origin_not_allowed: {
    ...refused(403, "have the operator add your page's host to `PROXY_ALLOWED_HOSTS`"),
    outcome: 'unauthorized',
  },
  route_not_found: notFound('see docs/parameters.md or `/docs` for the routes'),
  model_not_found: notFound('use a model that `GET /v1/models` lists'),
  method_not_allowed: refused(405, 'use a method that the `Allow` header names'),
  request_timeout: late(408, 'send the body without pauses'),
  request_too_large: refused(413, 'send less than the limit in the message'),
  unsupported_media_type: refused(415, 'send `Content-Type: application/json`, not compressed'),
  websocket_not_supported: refused(426, 'send the request as an HTTP POST'),
  request_header_fields_too_large: refused(431, 'send fewer or shorter headers'),
  key_concurrency_exceeded: limited(LATER),
  rate_limit_exceeded: limited('wait, then send it again: the provider has a limit'),
  client_disconnected: gone('nothing: nobody was there any more; never sent, only recorded'),
  client_stalled: gone('read the answer as it comes; never sent, only recorded'),
  internal_error: failed(500, 'gateway_error', 'report it with the request id; the log has the reason'),
  backend_error: failed(
    502,
    'backend_error',
    'send it again; if it stays, the trace has the words of the backend',
  ),
  backend_unreachable: failed(
    502,
    'backend_error',
    'send it again; if it stays, have the operator look at the backend',
  ),
  answer_too_large: { ...failed(502, 'backend_error', 'ask for a shorter answer'), retryable: false },
  tool_not_called: failed(
    502,
    'backend_error',
    'send it again, or ask for less: the model did not call the tool, in two tries',
  ),
  unknown_tool_called: failed(
    502,
    'backend_error',
    'send it again: the model called a tool that it does not have, in two tries',
  ),
  invalid_json_answer: failed(
    502,
    'backend_error',
    'send it again, or use `json_schema`: the model did not answer in JSON, in two tries',
  ),
  backend_exited: failed(502, 'backend_exit', 'send it again: the backend is being started'),
  backend_overloaded: failed(503, 'overloaded', 'wait, then send it again'),
  backend_unavailable: failed(503, 'overloaded', LATER),
  queue_full: failed(503, 'overloaded', LATER),
  queue_timeout: failed(503, 'overloaded', LATER),
  shutting_down: failed(503, 'overloaded', 'send it again, on a new connection'),
  request_deadline_exceeded: late(504, 'give it more time with `x-request-timeout-ms`'),
  backend_connect_timeout: late(504, 'send it again; the backend did not take the turn in time'),
  backend_first_byte_timeout: late(504, 'send it again; the model did not begin in time'),
  backend_idle_timeout: late(504, 'send it again; the model fell silent'),
  backend_timeout: late(504, 'ask for less, or have the operator raise `PROXY_TIMEOUT_MS`'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** What a backend can refuse of a turn, in no API's words: `http/requests/field-names.ts` has each API's field for it. */
export type Subject = 'tools' | 'conversation' | 'effort';

interface ErrorDetail {
  readonly param?: string | null;
  /** Instead of `param`, by whoever knows no API. */
  readonly subject?: Subject;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of an answer that is relayed: its own, in place of the table's. */
  readonly status?: number;
  readonly cause?: unknown;
  /** A short word for what is behind the error, such as `connection_refused`: the code, where nothing more is known. */
  readonly causeType?: string;
}

const MAX_CHARS = 1500;

/** A message may quote what the client sent, an id or a key of megabytes: its beginning is kept. */
const brief = (text: string): string =>
  text.length <= MAX_CHARS ? text : `${headOf(text, MAX_CHARS)}… (${text.length} characters)`;

/** An ending that the gateway can explain: its code decides status, type and outcome. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly subject: Subject | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly causeType: string;
  readonly status: number;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(brief(message), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.param = detail.param == null ? null : brief(detail.param);
    this.subject = detail.subject ?? null;
    this.headers = detail.headers ?? {};
    this.causeType = detail.causeType ?? code;
    this.status = detail.status ?? ERRORS[code].status;
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

/** What a request is found by. Health probes alone have no trace. */
export interface RequestIds {
  readonly reqId: string;
  readonly traceId: string | null;
  /** Who makes the error, and when: for readers behind several gateways. Pages outside the API do without. */
  readonly origin?: { readonly service: string; readonly timestamp: string };
}

/** Where an error comes from, in words that may be shown to anyone: what a gateway before this one keeps. */
export const originOf = (error: GatewayError, { origin }: RequestIds) =>
  origin && {
    service: origin.service,
    timestamp: origin.timestamp,
    ...(error.status >= 500 && { cause: error.message, cause_type: error.causeType }),
  };

/** The body of every error answer, and the data of every error event: OpenAI's envelope plus the ids of the request. */
export const errorBody = (error: GatewayError, ids: RequestIds) => ({
  error: {
    message: error.message,
    type: ERRORS[error.code].type,
    param: error.param,
    code: error.code,
    request_id: ids.reqId,
    ...(ids.traceId !== null && { trace_id: ids.traceId }),
    ...originOf(error, ids),
  },
});
