import { user } from '../support/chat.ts';

/** A request as bytes; it closes its connection, so that its end is the connection's. */
export type Bytes = (reqId: string) => string;

export interface RequestParts {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const KEY = 'test-key-exits';
/** For `PROXY_API_KEYS` of gateways whose rows are about keys. */
export const API_KEYS = `exits:${KEY}`;
export const KEYS = { authorization: `Bearer ${KEY}` };

const JSON_TYPE = { 'content-type': 'application/json' };

/** The bytes up to the body; its length is that of `body` unless the headers say otherwise. */
export const request =
  ({ method = 'GET', path, headers = {}, body }: RequestParts): Bytes =>
  (reqId) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const all = {
      host: '127.0.0.1',
      'x-request-id': reqId,
      connection: 'close',
      ...KEYS,
      ...length,
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
  };

export const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Bytes =>
  request({
    method: 'POST',
    path,
    headers: { ...JSON_TYPE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** A chat request whose body never comes to its end. */
export const unfinished: Bytes = request({
  method: 'POST',
  path: '/v1/chat/completions',
  headers: { ...JSON_TYPE, 'content-length': '100' },
  body: '{"model":',
});

export const ECHO = 'throughline-echo';

type More = { readonly headers?: Readonly<Record<string, string>>; readonly [field: string]: unknown };

const ask =
  (path: string, field: (content: string) => object) =>
  (content: string, { headers = {}, ...more }: More = {}): Bytes =>
    post(path, { model: ECHO, ...field(content), ...more }, headers);

/** `more` adds to a valid body, and may name headers. */
export const chat = ask('/v1/chat/completions', (content) => ({ messages: user(content) }));
export const completion = ask('/v1/completions', (prompt) => ({ prompt }));
export const response = ask('/v1/responses', (input) => ({ input }));
export const stream = (content: string, more: More = {}): Bytes => chat(content, { stream: true, ...more });
