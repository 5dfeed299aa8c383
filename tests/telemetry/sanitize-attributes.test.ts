import { sanitizeAttributes, sanitizeHeaders } from '../support/sanitizer.ts';

const KEY = `${'sk'}-${'abc123'.repeat(6)}`;

test('attributes are cleaned by name and by value, numbers and booleans stay', () => {
  expect(
    sanitizeAttributes({
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', content: `use ${KEY}`, api_key: 'x' }]),
      'user.password': 'hunter2',
      'some.tokens': [KEY, 'plain'],
      'url.full': 'https://u:p@h/?sig=a',
      'url.query': 'sig=a&b=c&token=d',
      flag: true,
      secret: 5,
    }),
  ).toEqual({
    'gen_ai.request.model': 'gpt-5',
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.input.messages': JSON.stringify([
      { role: 'user', content: 'use [REDACTED]', api_key: '[REDACTED]' },
    ]),
    'user.password': '[REDACTED]',
    'some.tokens': ['[REDACTED]', 'plain'],
    'url.full': 'https://REDACTED:REDACTED@h/?sig=REDACTED',
    'url.query': 'sig=REDACTED&b=c&token=REDACTED',
    flag: true,
    secret: 5,
  });
});

test('header attributes follow the allowlist of headers', () => {
  expect(
    sanitizeAttributes({
      'http.request.header.authorization': ['Bearer x'],
      'http.request.header.x-private': ['x', 'y'],
      'http.response.header.set-cookie': ['a=b'],
      'http.request.header.content-type': ['application/json'],
    }),
  ).toEqual({
    'http.request.header.authorization': ['[REDACTED]'],
    'http.request.header.x-private': ['[REDACTED]', '[REDACTED]'],
    'http.response.header.set-cookie': ['[REDACTED]'],
    'http.request.header.content-type': ['application/json'],
  });
});

test('attributes without secrets come back as the same object, and clean values as the same values', () => {
  const clean = { a: 'b', list: ['c', 'd'], n: 1, nothing: undefined };
  expect(sanitizeAttributes(clean)).toBe(clean);
  expect(sanitizeAttributes({ ...clean, password: 'x' }).list).toBe(clean.list);
});

test('what was cleaned once stays the same', () => {
  const once = sanitizeAttributes({
    'url.full': `https://u:p@h/?sig=a`,
    a: KEY,
    password: 'x',
    'http.request.header.b': ['c'],
  });
  expect(sanitizeAttributes(once)).toEqual(once);
});

test('headers are shown by allowlist, the others by name only', () => {
  expect(
    sanitizeHeaders({
      'Content-Type': 'application/json',
      'content-length': 12,
      Accept: '*/*',
      'user-agent': 'OpenAI/Python',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'throughline=req_0123456789ab',
      'x-request-id': 'req_0123456789ab',
      'X-Stainless-Lang': 'python',
      'x-trace-force': '1',
      'x-request-timeout-ms': '100',
      'retry-after': '1',
      Authorization: `Bearer ${KEY}`,
      cookie: 'a=b',
      'openai-organization': 'org-x',
      'x-forwarded-for': '10.0.0.1',
      'set-cookie': ['a=b', 'c=d'],
      missing: undefined,
    }),
  ).toEqual({
    'content-type': 'application/json',
    'content-length': '12',
    accept: '*/*',
    'user-agent': 'OpenAI/Python',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'throughline=req_0123456789ab',
    'x-request-id': 'req_0123456789ab',
    'x-stainless-lang': 'python',
    'x-trace-force': '1',
    'x-request-timeout-ms': '100',
    'retry-after': '1',
    authorization: '[REDACTED]',
    cookie: '[REDACTED]',
    'openai-organization': '[REDACTED]',
    'x-forwarded-for': '10.0.0.1',
    'set-cookie': ['[REDACTED]', '[REDACTED]'],
  });
});

test('a secret in a header that is shown, or in a name, is redacted all the same', () => {
  expect(sanitizeHeaders({ 'user-agent': `curl ${KEY}`, [KEY]: 'x' })).toEqual({
    'user-agent': 'curl [REDACTED]',
    '[REDACTED]': '[REDACTED]',
  });
});

test('headers may be those of fetch or pairs, and a name of a prototype is a name', () => {
  expect(sanitizeHeaders(new Headers({ Accept: 'a', 'x-a': 'b' }))).toEqual({
    accept: 'a',
    'x-a': '[REDACTED]',
  });
  const pairs = sanitizeHeaders([
    ['__proto__', 'x'],
    ['host', 'h'],
  ]);
  expect(Object.keys(pairs)).toEqual(['__proto__', 'host']);
});
