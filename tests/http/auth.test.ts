import { createAuthenticate } from '../../src/http/auth.ts';
import { refusalOf } from '../support/thrown.ts';

const keys = [
  { name: 'alice', key: 'sk-alice-1' },
  { name: 'bob', key: 'sk-bob-2' },
];
const authenticate = createAuthenticate(keys);

const refusal = (authorization: string | undefined) => refusalOf(() => authenticate(authorization));

test('a key is found by its name', () => {
  expect(authenticate('Bearer sk-alice-1')).toBe('alice');
  expect(authenticate('Bearer sk-bob-2')).toBe('bob');
});

test('the scheme is not case-sensitive and may be followed by spaces', () => {
  expect(authenticate('bearer   sk-bob-2 ')).toBe('bob');
  expect(authenticate('BEARER sk-bob-2')).toBe('bob');
});

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  'sk-alice-1',
  'Basic sk-alice-1',
  'Bearer sk-alice-1 sk-bob-2',
  'Bearer\tsk-alice-1',
  'Bearer sk-alice-1x',
  'Bearer sk-alice-',
  'Bearer SK-ALICE-1',
  'Bearer alice',
  'Bearer sk-alice-1,sk-bob-2',
  `Bearer ${'x'.repeat(100_000)}`,
])('%j is refused as 401, with what to do', (authorization) => {
  const error = refusal(authorization);
  expect(error).toMatchObject({ code: 'invalid_api_key', status: 401, outcome: 'unauthorized' });
  expect(error.headers).toEqual({ 'www-authenticate': 'Bearer realm="throughline"' });
});

test('a refusal does not repeat the key that was sent', () => {
  expect(refusal('Bearer sk-mistyped').message).not.toContain('sk-mistyped');
});

test('without keys everybody is let in, nameless, whatever he sends', () => {
  const open = createAuthenticate([]);
  expect(open(undefined)).toBeNull();
  expect(open('Bearer sk-alice-1')).toBeNull();
});

test('two keys may have one name', () => {
  const rotated = createAuthenticate([
    { name: 'alice', key: 'old' },
    { name: 'alice', key: 'new' },
  ]);
  expect([rotated('Bearer old'), rotated('Bearer new')]).toEqual(['alice', 'alice']);
});
