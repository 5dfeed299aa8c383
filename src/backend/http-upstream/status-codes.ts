type StatusCode =
  | 'backend_overloaded'
  | 'backend_refused_request'
  | 'backend_timeout'
  | 'rate_limit_exceeded';

/** The gateway's error code for a status of a server. Any other status is a `backend_error`. */
export const CODES: Readonly<Record<number, StatusCode>> = {
  400: 'backend_refused_request',
  408: 'backend_timeout',
  409: 'backend_refused_request',
  413: 'backend_refused_request',
  422: 'backend_refused_request',
  429: 'rate_limit_exceeded',
  503: 'backend_overloaded',
  504: 'backend_timeout',
  529: 'backend_overloaded',
};

/** Whether the server refused the key. If the key is the gateway's own, the client cannot do anything about it. */
export const isKeyRefused = (status: number): boolean => status === 401 || status === 403;

/** The status that an error inside of an answer has as its `code`, as some servers send it; null if it has none. */
export const statusInCode = (code: string | null | undefined): number | null =>
  code != null && /^[45]\d\d$/.test(code) ? Number(code) : null;
