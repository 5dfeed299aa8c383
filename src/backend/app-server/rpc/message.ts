export type RpcId = string | number;

export interface RpcErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** What a line of the app-server can be. The two directions have separate id spaces: a request may bear an id of ours. */
export type RpcMessage =
  | { readonly type: 'response'; readonly id: RpcId; readonly result: unknown }
  | { readonly type: 'error'; readonly id: RpcId; readonly error: RpcErrorObject }
  | { readonly type: 'request'; readonly id: RpcId; readonly method: string; readonly params: unknown }
  | { readonly type: 'notification'; readonly method: string; readonly params: unknown }
  | { readonly type: 'garbage'; readonly reason: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is RpcId => typeof value === 'string' || typeof value === 'number';

const garbage = (reason: string): RpcMessage => ({ type: 'garbage', reason });

const parseError = (id: RpcId, error: unknown): RpcMessage =>
  isObject(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string'
    ? { type: 'error', id, error: { code: error['code'], message: error['message'], data: error['data'] } }
    : garbage('an error without code or message');

const parseCall = (method: unknown, value: Record<string, unknown>): RpcMessage => {
  if (typeof method !== 'string') return garbage('a method that is no string');
  const { id, params } = value;
  if (id === undefined) return { type: 'notification', method, params };
  return isId(id)
    ? { type: 'request', id, method, params }
    : garbage('an id that is neither string nor number');
};

/** Reads one line. Never throws: what is no message of the protocol is `garbage`. */
export const parseMessage = (line: string): RpcMessage => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return garbage('no JSON');
  }
  if (!isObject(value)) return garbage('no object');
  if ('method' in value) return parseCall(value['method'], value);
  const { id } = value;
  if (!isId(id)) return garbage('neither method nor id');
  if ('error' in value) return parseError(id, value['error']);
  return 'result' in value
    ? { type: 'response', id, result: value['result'] }
    : garbage('neither result nor error');
};
