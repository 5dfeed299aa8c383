import { type ErrorCode, GatewayError } from '../../../errors.ts';
import type { UpstreamError } from '../read-along/read-error.ts';
import { CODES, isKeyRefused, statusInCode } from '../status-codes.ts';

/** Messages for clients. The provider's own may hold an address or a part of a key, so it is only in the trace. */
const MESSAGES = {
  backend_error: 'The model provider failed. The trace of this request has its words.',
  backend_overloaded: 'The model provider is overloaded.',
  backend_refused_request: 'The model provider refused the request.',
  backend_timeout: 'The model provider did not answer in time.',
  context_length_exceeded:
    "This model's maximum context length is exceeded: the conversation is too long for it.",
  invalid_api_key: 'The model provider refused the key.',
  model_not_found: 'The model provider does not know this model.',
  rate_limit_exceeded: "The model provider's rate or usage limit is reached.",
} as const satisfies Partial<Record<ErrorCode, string>>;
type ProviderCode = keyof typeof MESSAGES;

/** Error codes and types that say more than the status does. */
const BY_WORD: Readonly<Record<string, ProviderCode>> = {
  context_length_exceeded: 'context_length_exceeded',
  exceed_context_size_error: 'context_length_exceeded',
  insufficient_quota: 'rate_limit_exceeded',
  rate_limit_exceeded: 'rate_limit_exceeded',
  rate_limit_error: 'rate_limit_exceeded',
  resource_exhausted: 'rate_limit_exceeded',
  model_not_found: 'model_not_found',
  overloaded: 'backend_overloaded',
  overloaded_error: 'backend_overloaded',
  invalid_request_error: 'backend_refused_request',
  badrequesterror: 'backend_refused_request',
};

/** Messages of servers that have no code for these errors. */
const TOO_LONG = /\b(?:maximum context length|context (?:window|size|length)|too many tokens)\b/i;
const NO_MODEL = /\bmodel\b/i;

const byWord = (word: string | null): ProviderCode | undefined => {
  const known = word?.toLowerCase();
  return known !== undefined && Object.hasOwn(BY_WORD, known) ? BY_WORD[known] : undefined;
};

const codeOf = (told: UpstreamError | null, status: number | null, forwardsKey: boolean): ProviderCode => {
  // The gateway's own key is wrong, not the client's.
  if (status !== null && isKeyRefused(status)) return forwardsKey ? 'invalid_api_key' : 'backend_error';
  const named = byWord(told?.code ?? null);
  if (named) return named;
  const isRefused = status === null ? byWord(told?.type ?? null) : status >= 400 && status < 500;
  if (isRefused && TOO_LONG.test(told?.message ?? '')) return 'context_length_exceeded';
  if (status === 404) return NO_MODEL.test(told?.message ?? '') ? 'model_not_found' : 'backend_error';
  return (status === null ? byWord(told?.type ?? null) : CODES[status]) ?? 'backend_error';
};

/**
 * The error of a turn whose server answered with an error.
 *
 * @param status - the answer's; null for an error inside of an answer with a good status
 * @param forwardsKey - whether the key that was sent is the client's
 */
export const providerError = (
  told: UpstreamError | null,
  status: number | null,
  { forwardsKey = false, retryAfter }: { forwardsKey?: boolean; retryAfter?: string | undefined } = {},
): GatewayError => {
  const code = codeOf(told, status ?? statusInCode(told?.code), forwardsKey);
  return new GatewayError(code, MESSAGES[code], {
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    ...(told?.message != null && { cause: new Error(told.message) }),
  });
};

export const endedEarly = (): GatewayError =>
  new GatewayError('backend_error', 'The model provider ended its answer in the middle.');

export const noAnswer = (): GatewayError =>
  new GatewayError('backend_error', 'The model provider answered with something that is no answer.');
