import { assertCarriable } from '../../src/http/json-limits.ts';
import { refusalOf } from '../support/thrown.ts';

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

test('what clients send passes, whatever is in it', () => {
  const body = {
    text: 'naïve 🙂 \u0000 \u2028',
    list: [1, null, true, { __proto__: null, a: {} }],
    '🙂': 'key',
  };
  for (const value of [body, null, 'x', 5, [], {}, nested(100)])
    expect(() => assertCarriable(value)).not.toThrow();
});

test.each([
  [{ messages: [{ content: 'x\ud800y' }] }, 'messages[0].content'],
  [{ a: { b: '\udc00' } }, 'a.b'],
  [{ a: { 'k\ud800': 1 } }, 'a.k\ufffd'],
])('half of a surrogate pair is refused by its place (%#)', (body, param) => {
  expect(refusalOf(() => assertCarriable(body))).toMatchObject({ code: 'invalid_value', status: 400, param });
});

test('a body that is nested too deep is refused, and costs no stack', () => {
  const refusal = refusalOf(() => assertCarriable({ schema: nested(50_000) }));
  expect(refusal).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('100 levels') });
  expect(refusal.param?.startsWith('schema[0][0]')).toBe(true);
});

test('a long list is walked without a call for each of its values', () => {
  expect(() => assertCarriable({ list: Array.from({ length: 500_000 }, () => 1) })).not.toThrow();
});
