import type { CodexErrorInfo, TurnError } from '../../../app-server-protocol/index.ts';
import { headOf } from '../../../cut.ts';
import { isObject } from '../../rpc/params.ts';
import { turnError } from '../model.ts';

const MAX_MESSAGE = 500;

/** Codes of OpenAI's error body that say more than the status does. */
const BY_CODE: Readonly<Record<string, CodexErrorInfo>> = {
  context_length_exceeded: 'contextWindowExceeded',
  insufficient_quota: 'usageLimitExceeded',
  rate_limit_exceeded: 'rateLimitExceeded',
  model_not_found: 'modelNotFound',
  invalid_api_key: 'unauthorized',
};

const BY_STATUS: Readonly<Record<number, CodexErrorInfo>> = {
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'modelNotFound',
  429: 'rateLimitExceeded',
  500: 'internalServerError',
  503: 'serverOverloaded',
  529: 'serverOverloaded',
};

const infoOf = (code: unknown, status: number | undefined): CodexErrorInfo => {
  const known = typeof code === 'string' && Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  if (known) return known;
  if (status === undefined) return 'internalServerError';
  return (
    BY_STATUS[status] ??
    (status < 500 ? 'badRequest' : { responseStreamConnectionFailed: { httpStatusCode: status } })
  );
};

/** What an OpenAI-shaped error body comes to; `status` is undefined for one that arrives inside a stream. */
export const errorOf = (body: unknown, status: number | undefined): TurnError => {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const info = infoOf(error.code ?? error.type, status);
  // Providers repeat parts of the key in this one.
  if (info === 'unauthorized') return turnError('the model server refused the key', info);
  const said = typeof error.message === 'string' ? headOf(error.message, MAX_MESSAGE) : '';
  return turnError(said || `the model server answered ${status ?? 'with an error'}`, info);
};

export const UNREACHABLE: TurnError = turnError('the model server cannot be reached', {
  httpConnectionFailed: { httpStatusCode: null },
});

export const DISCONNECTED: TurnError = turnError('the model server ended the stream too early', {
  responseStreamDisconnected: { httpStatusCode: null },
});

/** Why an answer ended early, in the words of the Responses API. */
const INCOMPLETE: Readonly<Record<string, string>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/** An answer that ended early fails the turn in the real server's words; undefined for one that is whole. */
export const incompleteOf = (finishReason: string): TurnError | undefined =>
  Object.hasOwn(INCOMPLETE, finishReason)
    ? turnError(`Incomplete response returned, reason: ${INCOMPLETE[finishReason]}`, 'other')
    : undefined;
