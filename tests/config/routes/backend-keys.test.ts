import { readRoutes } from '../../../src/config/routes/read-routes.ts';

const ENV = {
  NEXT_KEY: 'sk-next',
  BLANK: ' ',
  SPACED: 'a b',
  sk_live_0123: undefined,
  PROXY_API_KEYS: 'a:b',
};

const linesOf = (text: string): readonly string[] => {
  const read = readRoutes(text, 'routes.yaml', ENV);
  return read.type === 'wrong' ? read.lines : read.lacks;
};

/** One HTTP backend, with these keys more. */
const withKeys = (keys: string): string =>
  `backends:\n  next:\n    kind: http\n    url: http://127.0.0.1:1/v1\n    ${keys}\n`;

test.each([
  [
    'key: sk-secret',
    '5:5: key is refused: put the key into an environment variable, and name that with key_env',
  ],
  ['key_env: GONE', '5:14: the variable GONE is not set'],
  ['key_env: BLANK', '5:14: the variable BLANK is not set'],
  ['key_env: SPACED', '5:14: the variable SPACED must hold letters, digits and signs, without blanks'],
  ['key_env: sk_live_0123', '5:14: the variable that key_env names is not set'],
  ['key_env: sk-live-0123', '5:14: key_env must be the name of an environment variable, not the key itself'],
  [
    'key_env: PROXY_API_KEYS',
    '5:14: the variable PROXY_API_KEYS is a setting of the gateway: name another one',
  ],
  ['auth: owm', '5:11: auth must be own or forward; did you mean own?'],
  ['trust: yes', '5:12: trust must be true or false'],
  [
    'apis: [chat, chats]',
    '5:18: must be chat or completions or responses or embeddings or moderations; did you mean chat?',
  ],
  ['apis: chat', '5:11: apis must be a list, such as [chat, embeddings]'],
  ['apis: []', '5:11: apis must name one, unless passthrough is true'],
  ['usage: always', '5:12: usage must be ask or as-is'],
  ['metadata: true', '5:5: metadata: true needs trust: true'],
  ['timeouts: { connect: 5 }', '5:17: "connect" is not known here; did you mean connect_ms?'],
  ['timeouts: { connect_ms: 0 }', '5:29: connect_ms must be a whole number from 1 to 86400000'],
  ['timeouts: { idle_ms: 5s }', '5:26: idle_ms must be a whole number from 1 to 86400000'],
  [
    'headers: { Authorization: Bearer sk-secret }',
    '5:16: Authorization is set by the gateway: name the variable',
  ],
  [
    'headers: { traceparent: sk-secret }',
    '5:16: traceparent is set by the gateway, so it cannot be given here',
  ],
  ['headers: { Connection: close }', '5:16: Connection is set by the gateway'],
  ['headers: { "x y": sk-secret }', '5:16: x y is not the name of a header'],
  ['headers: { x-a: 1, X-A: "2" }', '5:21: x-a must be a text; put it in quotes'],
  [
    'headers: { x-a: "sk-secret\\r\\ny: 1" }',
    '5:21: x-a must be one line of characters that HTTP allows in a header',
  ],
  ['headers: { x-a: "日本" }', '5:21: x-a must be one line of characters that HTTP allows in a header'],
  ['headers: { x-a: "" }', '5:21: x-a must be one line of characters that HTTP allows in a header'],
  ['headers: { x-a: "a " }', '5:21: x-a must be one line of characters that HTTP allows in a header'],
  ['headers: { x-a: "1", X-A: "2" }', '5:26: X-A stands here a second time, in other letters'],
  ['time_outs: {}', '5:5: "time_outs" is not known here; did you mean timeouts?'],
])('a backend with `%s` is refused', (keys, line) => {
  const lines = linesOf(withKeys(keys));
  expect(lines).toEqual([expect.stringContaining(`routes.yaml:${line}`)]);
  expect(lines.join()).not.toMatch(/sk[-_]/);
});

test('a key of our own is of no use where the client’s goes on', () => {
  expect(linesOf(withKeys('auth: forward\n    key_env: NEXT_KEY'))).toEqual([
    expect.stringContaining('routes.yaml:6:5: key_env is of no use with auth: forward'),
  ]);
});

test.each([
  'ftp://127.0.0.1/v1',
  '127.0.0.1:1',
  'http://me:hunter2@127.0.0.1/v1',
  'http://127.0.0.1/v1?key=hunter2',
  'http://127.0.0.1/v1#hunter2',
])('the URL %s is refused, and not repeated', (url) => {
  const [line, ...more] = linesOf(`backends:\n  a: { kind: http, url: "${url}" }`);
  expect(more).toEqual([]);
  expect(line).toContain('routes.yaml:2:25: url must be a URL that begins with http:// or https://');
  expect(line).not.toContain('hunter2');
});
