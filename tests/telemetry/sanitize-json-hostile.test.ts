import { sanitizeJson } from '../support/sanitizer.ts';

const KEY = `${'sk'}-${'abc123'.repeat(6)}`;
const throwing = (): never => {
  throw new Error('no');
};

test('what is no JSON is shown as what it is', () => {
  const value = {
    big: 12n,
    undefined,
    call: () => 1,
    symbol: Symbol('x'),
    date: new Date(0),
    bytes: new Uint8Array(5),
    map: new Map<unknown, unknown>([
      ['password', 'x'],
      [1, 'y'],
      [Symbol('z'), 2],
    ]),
    set: new Set(['a']),
    url: new URL('https://u:p@h/'),
    headers: new Headers({ authorization: 'x' }),
    pattern: /a/,
    boxed: Object('text'),
    list: [undefined, Number.NaN],
  };
  expect(sanitizeJson(value)).toEqual({
    big: '12',
    call: '[function]',
    symbol: '[symbol]',
    date: '1970-01-01T00:00:00.000Z',
    bytes: '[binary: 5 bytes]',
    map: { password: '[REDACTED]', 1: 'y', '[symbol]': 2 },
    set: ['a'],
    url: 'https://REDACTED:REDACTED@h/',
    headers: { authorization: '[REDACTED]' },
    pattern: '/a/',
    boxed: 'text',
    list: [undefined, Number.NaN],
  });
});

test('an error shows its message, cause and own fields, cleaned', () => {
  const error = Object.assign(new TypeError(`bad ${KEY}`, { cause: new Error('password=hunter2') }), {
    code: 'E1',
    token: 'x',
  });
  expect(sanitizeJson({ err: error })).toEqual({
    err: expect.objectContaining({
      type: 'TypeError',
      message: 'bad [REDACTED]',
      stack: expect.stringContaining('bad [REDACTED]'),
      code: 'E1',
      token: '[REDACTED]',
      cause: expect.objectContaining({ message: 'password=[REDACTED]' }),
    }),
  });
});

test.each<[string, unknown, unknown]>([
  [
    'a getter',
    {
      a: 1,
      get b() {
        return throwing();
      },
    },
    { a: 1, b: '[unreadable]' },
  ],
  ['toJSON', { a: { toJSON: throwing }, b: 1 }, { a: '[unreadable]', b: 1 }],
  ['a proxy', { a: new Proxy({}, { ownKeys: throwing }), b: 1 }, { a: '[unreadable]', b: 1 }],
  ['an array getter', Object.defineProperty([1, 2], 0, { get: throwing }), ['[unreadable]', 2]],
  ['an invalid date', { date: new Date(Number.NaN) }, { date: null }],
])('%s that throws does no harm', (_what, value, copy) => {
  expect(sanitizeJson(value)).toEqual(copy);
});

test('a revoked proxy does no harm', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(sanitizeJson({ proxy, b: 1 })).toEqual({ proxy: '[unreadable]', b: 1 });
  expect(sanitizeJson(proxy)).toBe('[unreadable]');
});

test('toJSON that gives new objects without end comes to an end', () => {
  const endless = (): object => ({ toJSON: endless });
  expect(sanitizeJson({ endless: endless() })).toEqual({ endless: '[cut: too large]' });
});

test('names of prototypes are names like any other', () => {
  const copy = sanitizeJson(
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  ) as object;
  expect(JSON.stringify(copy)).toBe(
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  );
  expect(Object.getPrototypeOf(copy)).toBe(Object.getPrototypeOf({}));
  expect({}).not.toHaveProperty('polluted');
});
