import { sanitizeJson } from '../support/sanitizer.ts';
import { FAKE_JWT } from './sanitize-secrets.ts';

const KEY = `${'sk'}-${'abc123'.repeat(6)}`;

test.each([
  ...[
    'authorization',
    'Authorization',
    'proxy-authorization',
    'api_key',
    'apiKey',
    'apikey',
    'APIKey',
    'x-api-key',
    'X-Api-Key',
  ],
  ...[
    'OPENAI_API_KEY',
    'token',
    'accessToken',
    'refresh_token',
    'id_token',
    'x-auth-token',
    'X-Amz-Security-Token',
    'csrfToken',
  ],
  ...[
    'access_tokens',
    'secret',
    'clientSecret',
    'client_secret',
    'clientsecret',
    'aws_secret_access_key',
    'password',
    'newPassword',
  ],
  ...[
    'passwd',
    'passphrase',
    'db_pass',
    'PASSWORD2',
    'password_hash',
    'cookie',
    'set-cookie',
    'credentials',
    'privateKey',
    'private_key_pem',
  ],
  ...['http.request.header.authorization', 'signingKey', 'auth', 'ocp-apim-subscription-key'],
])('a value under %s is redacted whole', (name) => {
  for (const value of ['x', 'a b c', 4200, 10n, ['x', 'y'], { nested: 'x' }]) {
    expect(sanitizeJson({ a: { [name]: value } })).toEqual({ a: { [name]: '[REDACTED]' } });
  }
});

test.each([
  ...[
    'max_tokens',
    'maxTokens',
    'max_completion_tokens',
    'total_tokens',
    'input_tokens',
    'tokens',
    'token_type',
    'tokenUsage',
    'token_count',
  ],
  ...[
    'next_page_token',
    'eos_token',
    'stop_token',
    'progressToken',
    'time_to_first_token',
    'gen_ai.usage.input_tokens',
    'gen_ai.token.type',
  ],
  ...[
    'key',
    'keys',
    'primary_key',
    'publicKey',
    'prompt_cache_key',
    'author',
    'secretary',
    'authorized',
    'cookiePolicy',
    'keyboard',
    'tokenizer',
  ],
  ...[
    'passed',
    'test.pass',
    'compass',
    'credit',
    'password_policy',
    'secretName',
    'req_id',
    'trace_id',
    'session_id',
  ],
])('a value under %s stays', (name) => {
  expect(sanitizeJson({ [name]: 'plain' })).toEqual({ [name]: 'plain' });
  expect(sanitizeJson({ [name]: 5 })).toEqual({ [name]: 5 });
});

test('that a secret is empty, missing or a flag is no secret', () => {
  const value = { password: '', token: null, secret: false, credentials: true };
  expect(sanitizeJson(value)).toEqual(value);
});

test('strings and names pass the text rules', () => {
  expect(sanitizeJson({ [`for ${KEY}`]: [`use ${KEY} now`, { a: FAKE_JWT }] })).toEqual({
    'for [REDACTED]': ['use [REDACTED] now', { a: '[REDACTED]' }],
  });
});

test('names that look alike once redacted keep their values apart', () => {
  expect(sanitizeJson({ [`${KEY}1`]: 1, '[REDACTED]#2': 2, [`${KEY}2`]: 3 })).toEqual({
    '[REDACTED]': 1,
    '[REDACTED]#2': 2,
    '[REDACTED]#2#2': 3,
  });
});

test('JSON inside strings is read, however deep, and keeps its spelling when nothing in it is secret', () => {
  const inner = { api_key: { a: 'x' }, path: '/tmp' };
  const value = {
    arguments: JSON.stringify({ command: JSON.stringify(inner) }),
    plain: '{ "a":  [1.0, 2e3] }',
  };
  expect(sanitizeJson(value)).toEqual({
    arguments: JSON.stringify({ command: JSON.stringify({ api_key: '[REDACTED]', path: '/tmp' }) }),
    plain: '{ "a":  [1.0, 2e3] }',
  });
});

test('JSON in a string that is cut off is cleaned as text', () => {
  expect(sanitizeJson('{"path":"/tmp","password":"hunter2 is')).toBe('{"path":"/tmp","password":"[REDACTED]');
});

test('pairs of a name and a value are redacted by the name', () => {
  const pairs = [
    { name: 'Authorization', value: 'x' },
    { key: 'api_key', value: { stringValue: 'x' } },
    { name: 'a', value: 'b' },
  ];
  expect(sanitizeJson(pairs)).toEqual([
    { name: 'Authorization', value: '[REDACTED]' },
    { key: 'api_key', value: '[REDACTED]' },
    { name: 'a', value: 'b' },
  ]);
});

test('the token of a log probability is a word', () => {
  const logprobs = {
    content: [{ token: ' Hello', logprob: -0.3, top_logprobs: [{ token: 'Hi', logprob: -2 }] }],
  };
  expect(sanitizeJson(logprobs)).toEqual(logprobs);
});

test('the schema of a parameter named like a secret stays, without its values', () => {
  const schema = (password: object) => ({ type: 'object', properties: { password }, required: ['password'] });
  expect(
    sanitizeJson(schema({ type: 'string', description: 'of the user', default: 'hunter2', enum: ['a'] })),
  ).toEqual(
    schema({ type: 'string', description: 'of the user', default: '[REDACTED]', enum: '[REDACTED]' }),
  );
  expect(sanitizeJson({ properties: { password: 'hunter2' } })).toEqual({
    properties: { password: '[REDACTED]' },
  });
});

test('a working directory is no password', () => {
  expect(sanitizeJson({ env: { PWD: '/home/me', pwd: 'x' } })).toEqual({
    env: { PWD: '/home/me', pwd: '[REDACTED]' },
  });
});

test('the copy shares nothing with the value, which is not changed', () => {
  const value = { list: [{ a: 'b' }], password: 'x' };
  const copy = sanitizeJson(value) as typeof value;
  copy.list[0] = { a: 'c' };
  expect(value).toEqual({ list: [{ a: 'b' }], password: 'x' });
});

test('cycles end, and an object that is used twice is copied twice', () => {
  const shared = { a: 1 };
  const value: Record<string, unknown> = { one: shared, two: shared };
  value['self'] = value;
  expect(sanitizeJson(value)).toEqual({ one: { a: 1 }, two: { a: 1 }, self: '[circular]' });
});

test('depth and size are bounded', () => {
  let deep: unknown = KEY;
  for (let level = 0; level < 10_000; level++) deep = { deep };
  const text = JSON.stringify(sanitizeJson(deep));
  expect(text).toContain('[cut: too large]');
  expect(text.length).toBeLessThan(2000);
  const wide = sanitizeJson(Array.from({ length: 200_000 }, () => 0)) as unknown[];
  expect(wide.length).toBeLessThan(100_001);
  expect(wide.at(-1)).toMatch(/^\[cut: \d+ more\]$/);
  expect(
    Object.keys(sanitizeJson(Object.fromEntries(wide.map((_, n) => [`n${n}`, [n]]))) as object).at(-1),
  ).toBe('[cut: too large]');
});

test.each([undefined, null, 0, '', true, 1.5])('%p by itself stays', (value) => {
  expect(sanitizeJson(value)).toBe(value);
});
