import { assertCarriable, refuseManyValues } from '../../src/http/json-limits.ts';
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

test('JSON with more values than the limit is refused before it is parsed, and says the limit', () => {
  for (const part of ['0', '{}', '[]', '"k":1']) {
    const json = Buffer.from(`[${`${part},`.repeat(100_000)}0]`);
    expect(refuseManyValues(json)).toMatchObject({
      code: 'invalid_value',
      message: expect.stringContaining('100000 values'),
    });
  }
  expect(refuseManyValues(Buffer.from('['.repeat(100_000)))).toMatchObject({ code: 'invalid_value' });
});

test('what a text holds is no value, and a body of usual size passes', () => {
  const text = String.raw`\\", [ { \"`.repeat(200_000);
  const bodies = [{ text }, { [text]: [text] }, Array.from({ length: 99_000 }, () => 0), {}, 'x', '', '\\'];
  for (const body of bodies) expect(refuseManyValues(Buffer.from(JSON.stringify(body)))).toBeNull();
});
