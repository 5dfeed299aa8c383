import { type ErrorCode, GatewayError } from '../../../errors.ts';
import { CODES, isKeyRefused, statusInCode } from '../status-codes.ts';
import type { UpstreamError } from './read-error.ts';

/** The error code for the status of an answer. `asksModel`: whether the request asks a model, so that 404 means the model. */
const codeOfStatus = (status: number, asksModel: boolean, forwardsKey: boolean): ErrorCode => {
  if (status === 404) return asksModel ? 'model_not_found' : 'route_not_found';
  return isKeyRefused(status) && forwardsKey ? 'invalid_api_key' : (CODES[status] ?? 'backend_error');
};

/** Error codes of OpenAI that say more than the status does. */
const saysMore = (code: string | null | undefined): code is 'context_length_exceeded' =>
  code === 'context_length_exceeded';

/** The error of a request whose answer has an error status. The error keeps the server's own status. */
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

/** The error of a request whose answer has a good status, but holds an error. */
export const errorInAnswer = (backend: string, { code }: UpstreamError): GatewayError => {
  const status = statusInCode(code) ?? 502;
  const named = code === 'rate_limit_exceeded' || saysMore(code) ? code : codeOfStatus(status, true, false);
  return new GatewayError(named, `The answer of the backend "${backend}" holds an error.`);
};

/** The error of a stream that ended before its answer was complete. */
export const errorOfCut = (backend: string): GatewayError =>
  new GatewayError('backend_error', `The backend "${backend}" ended its stream too early.`);
