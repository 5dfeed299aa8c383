const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

/** Headers that the gateway sets itself, or that belong to a single connection. */
const OURS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'baggage',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'traceparent',
  'tracestate',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-request-id',
  'x-upstream-service',
]);

/** Why a header cannot be configured; null if it can. */
export const headerNameProblem = (name: string): string | null => {
  if (!TOKEN.test(name)) return 'is not the name of a header';
  const lower = name.toLowerCase();
  if (lower === 'authorization')
    return 'is set by the gateway: name the variable that holds the key with key_env';
  return OURS.has(lower) ? 'is set by the gateway, so it cannot be given here' : null;
};
