import type { CodexErrorCode } from '../../../app-server-protocol/index.ts';
import { type ErrorCode, GatewayError } from '../../../errors.ts';
import type { FinishReason, TurnEvent } from '../../../gateway/turn.ts';

/** What an ended turn says of its error. */
interface TurnError {
  readonly message: string;
  readonly codexErrorInfo?: unknown;
}

/** What a code comes to: an error with words for the client, or an answer that ends early. */
type Ending =
  | { readonly type: 'error'; readonly code: ErrorCode; readonly message: string }
  /** An error before there is any text; after it, the end of the answer. */
  | {
      readonly type: 'cut';
      readonly code: ErrorCode;
      readonly message: string;
      readonly finishReason: FinishReason;
    }
  | { readonly type: 'finish'; readonly finishReason: FinishReason };

/**
 * What clients are told. Codex's own message may hold the model server's address or the raw body of its answer, so
 * it goes to the trace (as the error's cause and in the notification's event), never to the client.
 */
const error = (code: ErrorCode, message: string): Ending => ({ type: 'error', code, message });

const BACKEND_ERROR = error(
  'backend_error',
  'The model provider failed. The trace of this request has its words.',
);
const RATE_LIMITED = error('rate_limit_exceeded', "The model provider's rate or usage limit is reached.");
const OVERLOADED = error('backend_overloaded', 'The model provider is overloaded.');
const REFUSED = error('backend_refused_request', 'The model provider refused the request.');
const FILTERED: Ending = { type: 'finish', finishReason: 'content_filter' };

/** Every one of Codex's `codexErrorInfo` words. docs/decisions/0004-tools.md has the reasons of the less obvious ones. */
const BY_WORD: Readonly<Record<CodexErrorCode, Ending>> = {
  contextWindowExceeded: {
    type: 'cut',
    code: 'context_length_exceeded',
    // Clients' error mappers look for these words, where they do not read the code.
    message: "This model's maximum context length is exceeded: the conversation is too long for it.",
    finishReason: 'length',
  },
  sessionBudgetExceeded: RATE_LIMITED,
  usageLimitExceeded: RATE_LIMITED,
  rateLimitExceeded: RATE_LIMITED,
  flexUnavailable: OVERLOADED,
  serverOverloaded: OVERLOADED,
  modelNotFound: error('model_not_found', 'The model provider does not know this model.'),
  policyCapacityUnavailable: OVERLOADED,
  inferenceHookDenied: REFUSED,
  cyberPolicy: FILTERED,
  misalignmentPolicyViolation: FILTERED,
  tooManyDenials: BACKEND_ERROR,
  internalServerError: BACKEND_ERROR,
  // The gateway's own credentials are wrong, not the client's.
  unauthorized: BACKEND_ERROR,
  badRequest: REFUSED,
  threadRollbackFailed: BACKEND_ERROR,
  sandboxError: BACKEND_ERROR,
  other: BACKEND_ERROR,
};

/** Words that are objects name the provider's HTTP status instead. */
const BY_STATUS: Readonly<Record<number, Ending>> = { 400: REFUSED, 429: RATE_LIMITED, 503: OVERLOADED };

/** The words that the table knows; those of the real server are held against them. */
export const KNOWN_WORDS: readonly string[] = Object.keys(BY_WORD);

const isWord = (info: string): info is CodexErrorCode => Object.hasOwn(BY_WORD, info);

/** Why the provider ended its answer early; Codex has no word for it, and fails the turn with this in its message. */
const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  content_filter: 'content_filter',
};

const incompleteOf = ({ message, codexErrorInfo }: TurnError): FinishReason | undefined => {
  const [, reason = ''] = /\bIncomplete response returned, reason: (\w+)/.exec(message) ?? [];
  return codexErrorInfo === 'other' && Object.hasOwn(INCOMPLETE, reason) ? INCOMPLETE[reason] : undefined;
};

const readObject = (json: string): { readonly error?: { readonly code?: unknown } | null } | null => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
};

/**
 * Codex has no word for an HTTP 400 of the provider's: the body that came with it is the whole message. Every other status has a word, or
 * stands in a sentence, so a message that is JSON is such a body; one that is not cannot be told from other failures.
 */
const refusalOf = (message: string): Ending | null => {
  const body = readObject(message);
  if (!body) return null;
  return body.error?.code === 'context_length_exceeded' ? BY_WORD.contextWindowExceeded : REFUSED;
};

const endingOf = ({ codexErrorInfo: info, message }: TurnError): Ending => {
  if (info === 'other') return refusalOf(message) ?? BY_WORD.other;
  if (typeof info === 'string') return isWord(info) ? BY_WORD[info] : BACKEND_ERROR;
  const [detail] = Object.values(info ?? {}) as { httpStatusCode?: unknown }[];
  return BY_STATUS[Number(detail?.httpStatusCode)] ?? BACKEND_ERROR;
};

/** How the answer of a turn ends that failed with this error; `textBegan` says whether the client has any of it. */
export const toTurnEnd = (
  failure: TurnError | null | undefined,
  textBegan: boolean,
): Extract<TurnEvent, { type: 'done' | 'failed' }> => {
  const incomplete = failure && incompleteOf(failure);
  if (incomplete) return { type: 'done', finishReason: incomplete };
  const ending = failure ? endingOf(failure) : BACKEND_ERROR;
  if (ending.type === 'finish' || (ending.type === 'cut' && textBegan)) {
    return { type: 'done', finishReason: ending.finishReason };
  }
  const cause = failure ? new Error(failure.message) : undefined;
  return { type: 'failed', error: new GatewayError(ending.code, ending.message, { cause }) };
};
