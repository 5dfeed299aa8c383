import type { RpcRequestId } from '../../app-server-protocol/index.ts';
import { isObject } from './params.ts';

/** What one line or frame from the client is. */
export type Inbound =
  | {
      readonly type: 'request';
      readonly id: RpcRequestId;
      readonly method: string;
      readonly params: unknown;
      readonly trace: unknown;
    }
  | { readonly type: 'notification'; readonly method: string }
  | { readonly type: 'response'; readonly id: RpcRequestId; readonly answer: ClientAnswer }
  | { readonly type: 'unparsable' }
  | { readonly type: 'invalid'; readonly id: RpcRequestId | null; readonly problem: string };

export type ClientAnswer =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'error'; readonly code: number };

const isId = (value: unknown): value is RpcRequestId =>
  typeof value === 'string' || Number.isSafeInteger(value);

const readResponse = (id: RpcRequestId, message: Record<string, unknown>): Inbound => {
  if ('result' in message)
    return { type: 'response', id, answer: { type: 'result', result: message.result } };
  if (isObject(message.error)) {
    const code = typeof message.error.code === 'number' ? message.error.code : 0;
    return { type: 'response', id, answer: { type: 'error', code } };
  }
  return { type: 'invalid', id, problem: 'missing field `method`' };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Tells a request from a notification, an answer to a request of ours, and what is none of them. */
export const readEnvelope = (text: string): Inbound => {
  const message = parse(text);
  if (message === undefined) return { type: 'unparsable' };
  if (!isObject(message)) return { type: 'invalid', id: null, problem: 'a message is an object' };
  const { id, method, params, trace } = message;
  if (id !== undefined && !isId(id))
    return { type: 'invalid', id: null, problem: '`id` must be a string or an integer' };
  if (method === undefined) {
    return id === undefined
      ? { type: 'invalid', id: null, problem: 'missing field `method`' }
      : readResponse(id, message);
  }
  if (typeof method !== 'string')
    return { type: 'invalid', id: id ?? null, problem: '`method` must be a string' };
  return id === undefined ? { type: 'notification', method } : { type: 'request', id, method, params, trace };
};
