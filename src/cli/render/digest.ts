import type { Entry } from '../../timeline/timeline.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const json = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');

const idOf = ({ id }: Json): string => (typeof id === 'string' || typeof id === 'number' ? `#${id}` : '');

/** A message of the JSON-RPC connection: its id, its method and what it says; a delta's text comes first. */
const digestRpc = (payload: Json): string => {
  const { method, params, result, error } = payload;
  if (typeof method !== 'string') return words(idOf(payload), json(error ?? result ?? payload));
  const delta = isObject(params) ? params['delta'] : undefined;
  return typeof delta === 'string' ? words(json(delta), method) : words(idOf(payload), method, json(params));
};

/** The text of a chunk in the shape of the chat, completions or responses API. */
const textOf = (payload: Json): unknown => {
  const [choice] = Array.isArray(payload['choices']) ? payload['choices'] : [];
  if (!isObject(choice)) return payload['delta'];
  return isObject(choice['delta']) ? choice['delta']['content'] : choice['text'];
};

/** Why the answer ended, where the chunk says so. */
const finishOf = (payload: Json): string => {
  const [choice] = Array.isArray(payload['choices']) ? payload['choices'] : [];
  return isObject(choice) && typeof choice['finish_reason'] === 'string'
    ? `finish_reason: ${choice['finish_reason']}`
    : '';
};

/** A frame that is no JSON, such as the terminal one. */
const rawOf = (frame: Json): string =>
  Object.keys(frame).length === 1 && typeof frame['data'] === 'string' ? frame['data'] : '';

const digestSse = (payload: Json): string => {
  const { held_text: held, ...frame } = payload;
  if (typeof held === 'string')
    return words(`${json(held)} (held back until here)`, finishOf(frame) || rawOf(frame) || json(frame));
  const text = textOf(payload);
  return typeof text === 'string' && text !== '' ? json(text) : json(payload);
};

/** What the header of the report says already. */
const digestRecord = (payload: Json): string => {
  const {
    route: _route,
    method: _method,
    mode: _mode,
    service: _service,
    msg: _msg,
    outcome,
    status_code,
    ...rest
  } = payload;
  return words(...[status_code, outcome].filter((part) => part !== undefined).map(String), json(rest));
};

const parsed = (payload: unknown): unknown => {
  if (typeof payload !== 'string' || !payload.startsWith('{')) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
};

/** A payload in one line, what matters most first, since the line will be cut to the width of the terminal. */
export const digest = (entry: Entry): string => {
  const payload = parsed(entry.payload);
  if (typeof payload === 'string') return payload;
  if (!isObject(payload)) return json(payload);
  if (entry.source !== 'proto') return digestRecord(payload);
  switch (entry.kind) {
    case 'rpc_request':
    case 'rpc_response':
    case 'rpc_error':
    case 'rpc_notification':
      return digestRpc(payload);
    case 'client_sse':
    case 'client_sse_done':
    case 'upstream_chunk':
      return digestSse(payload);
    case 'usage':
      return digestRecord(payload);
    default:
      return json(payload);
  }
};
