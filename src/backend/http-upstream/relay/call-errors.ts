import { GatewayError, toGatewayError } from '../../../errors.ts';

/** The stage that a request has reached. */
export type CallStage = 'connecting' | 'sending' | 'reading';

/** Error codes of a connection that the other side has closed. */
const RESETS = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** The form of Node's and undici's error codes. Any other text may hold an address, and is not shown. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/;

const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && CODE.test(code) ? code : 'unknown';
};

export const isReset = (thrown: unknown): boolean => RESETS.has(codeOf(thrown));

/** undici's parser does not know the code of each of its errors, and asserts some of what servers send. */
const isNoHttp = (thrown: unknown): boolean =>
  codeOf(thrown) === 'ERR_ASSERTION' || (thrown as { name?: unknown } | null)?.name === 'HTTPParserError';

/** Messages show a server's configured name, never its address. */
const named = (backend: string): string => `The backend "${backend}"`;

export const connectTimeout = (backend: string, ms: number, cause?: unknown): GatewayError =>
  new GatewayError('backend_connect_timeout', `${named(backend)} took no connection within ${ms} ms.`, {
    cause,
  });

export const firstByteTimeout = (backend: string, ms: number): GatewayError =>
  new GatewayError(
    'backend_first_byte_timeout',
    `${named(backend)} did not begin its answer within ${ms} ms.`,
  );

export const idleTimeout = (backend: string, ms: number): GatewayError =>
  new GatewayError('backend_idle_timeout', `${named(backend)} fell silent for ${ms} ms.`);

const WHEN: Readonly<Record<Exclude<CallStage, 'connecting'>, string>> = {
  sending: 'before it answered',
  reading: 'in the middle of its answer',
};

/** Turns what undici threw into a `GatewayError` that names the backend. The original is its `cause`. */
export const explainFailure = (
  thrown: unknown,
  stage: CallStage,
  backend: string,
  connectMs: number,
): GatewayError => {
  if (thrown instanceof GatewayError) return thrown;
  const code = codeOf(thrown);
  const failed = (text: string): GatewayError =>
    new GatewayError('backend_error', `${named(backend)} ${text}`, { cause: thrown });
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return connectTimeout(backend, connectMs, thrown);
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new GatewayError('shutting_down', 'The gateway is shutting down.', { cause: thrown });
  }
  if (code.startsWith('UND_ERR_INVALID_') || code.startsWith('UND_ERR_REQ_')) return toGatewayError(thrown);
  if (stage === 'connecting') {
    return new GatewayError('backend_unreachable', `${named(backend)} cannot be reached (${code}).`, {
      cause: thrown,
    });
  }
  if (isReset(thrown) || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return failed(`closed the connection ${WHEN[stage]}.`);
  }
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return failed('answered with larger headers than can be read.');
  if (isNoHttp(thrown)) return failed(`did not answer in HTTP (${code}).`);
  return failed(`failed (${code}).`);
};
