import { type ErrorCode, GatewayError } from '../../../errors.ts';
import type { UpstreamError } from './read-error.ts';

/** What an answer's status means to whoever asked. */
const codeOfStatus = (status: number, isOurModel: boolean, forwardsKey: boolean): ErrorCode => {
  switch (status) {
    case 400:
    case 409:
    case 413:
    case 422:
      return 'backend_refused_request';
    case 404:
      return isOurModel ? 'model_not_found' : 'route_not_found';
    case 401:
    case 403:
      // The gateway's own key is no matter of the client's.
      return forwardsKey ? 'invalid_api_key' : 'backend_error';
    case 408:
    case 504:
      return 'backend_timeout';
    case 429:
      return 'rate_limit_exceeded';
    case 503:
    case 529:
      return 'backend_overloaded';
    default:
      return 'backend_error';
  }
};

/** Codes of OpenAI's that say more than a status does. */
const saysMore = (code: string | null | undefined): code is 'context_length_exceeded' =>
  code === 'context_length_exceeded';

/** An answer that tells of an error by its status, as the ending of its request. Its status stays the server's own. */
export const errorOfStatus = (
  status: number,
  {
    backend,
    told,
    asksModel,
    forwardsKey,
  }: { backend: string; told: UpstreamError | null; asksModel: boolean; forwardsKey: boolean },
): GatewayError => {
  const byStatus = codeOfStatus(status, asksModel, forwardsKey);
  const code = byStatus === 'backend_refused_request' && saysMore(told?.code) ? told.code : byStatus;
  return new GatewayError(code, `The backend "${backend}" answered ${status}.`, { status });
};

/** An answer with a good status that tells of an error all the same. */
export const errorInAnswer = (backend: string, { code }: UpstreamError): GatewayError => {
  const status = code !== null && /^[45]\d\d$/.test(code) ? Number(code) : 502;
  const named = code === 'rate_limit_exceeded' || saysMore(code) ? code : codeOfStatus(status, true, false);
  return new GatewayError(named, `The answer of the backend "${backend}" tells of an error.`);
};

/** A stream that is over although its answer is not. */
export const errorOfCut = (backend: string): GatewayError =>
  new GatewayError('backend_error', `The backend "${backend}" ended its stream too early.`);
