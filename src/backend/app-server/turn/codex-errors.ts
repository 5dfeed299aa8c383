import { type ErrorCode, GatewayError } from '../../../errors.ts';

/** What an ended turn says of its error. */
interface TurnError {
  readonly message: string;
  readonly codexErrorInfo?: unknown;
}

interface Words {
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What clients are told. Codex's own message may hold the model server's address or the raw body of its answer, so
 * it goes to the trace (as the error's cause and in the notification's event), never to the client.
 */
const BACKEND_ERROR: Words = {
  code: 'backend_error',
  message: 'The model provider failed. The trace of this request has its words.',
};
const RATE_LIMITED: Words = {
  code: 'rate_limit_exceeded',
  message: "The model provider's rate or usage limit is reached.",
};
const OVERLOADED: Words = { code: 'backend_overloaded', message: 'The model provider is overloaded.' };
const REFUSED: Words = {
  code: 'backend_refused_request',
  message: 'The model provider refused the request.',
};

/** Codex's `codexErrorInfo` words. What is not listed is a `backend_error`. */
const BY_WORD: Readonly<Record<string, Words>> = {
  contextWindowExceeded: {
    code: 'context_length_exceeded',
    message: "The conversation is longer than the model's context window.",
  },
  usageLimitExceeded: RATE_LIMITED,
  rateLimitExceeded: RATE_LIMITED,
  serverOverloaded: OVERLOADED,
  modelNotFound: { code: 'model_not_found', message: 'The model provider does not know this model.' },
  badRequest: REFUSED,
};

/** Words that are objects name the provider's HTTP status instead. */
const BY_STATUS: Readonly<Record<number, Words>> = { 400: REFUSED, 429: RATE_LIMITED, 503: OVERLOADED };

const wordsOf = (info: unknown): Words => {
  if (typeof info === 'string') return (Object.hasOwn(BY_WORD, info) && BY_WORD[info]) || BACKEND_ERROR;
  const [detail] = Object.values(info ?? {}) as { httpStatusCode?: unknown }[];
  return BY_STATUS[Number(detail?.httpStatusCode)] ?? BACKEND_ERROR;
};

export const toTurnFailure = (error: TurnError | null | undefined): GatewayError => {
  const { code, message } = wordsOf(error?.codexErrorInfo);
  return new GatewayError(code, message, { cause: error ? new Error(error.message) : undefined });
};
