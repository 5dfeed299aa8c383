import { boundPayload } from '../../../src/telemetry/bound.ts';
import { copyPayload } from '../../../src/telemetry/facts/copy.ts';
import { FORM } from '../../../src/telemetry/facts/ops.ts';
import { Piece } from '../../../src/telemetry/facts/piece.ts';
import { sanitizeJson } from '../../support/sanitizer.ts';

const { rawJSON } = JSON as unknown as { rawJSON(text: string): object };

const cyclic: Record<string, unknown> = { a: 1 };
cyclic['self'] = cyclic;

const throwing = {
  ok: 1,
  get bad(): never {
    throw new Error('no');
  },
};

const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 'z');

test.each([
  ['plain values', { a: [1, null, true, 'x', undefined], b: { c: undefined } }],
  ['a cycle', cyclic],
  ['a getter that throws', throwing],
  ['a BigInt', { big: 10n }],
  ['functions and symbols', { f: () => 1, s: Symbol('s') }],
  ['maps, sets and dates', { map: new Map([['k', 'v']]), set: new Set([1]), date: new Date(0) }],
  ['bytes', { bytes: new Uint8Array(3) }],
  ['a raw number', { id: rawJSON('12345678901234567890') }],
  ['headers', { headers: new Headers({ a: 'b' }) }],
  ['an own __proto__', JSON.parse('{"__proto__": {"x": 1}}')],
  ['no prototype', Object.assign(Object.create(null), { a: 1 })],
  ['more depth than an event shows', deep],
  ['long texts', { a: 'x '.repeat(40_000), b: ['y '.repeat(40_000)] }],
])('a copy of %s shows what the value itself would show', (_, value) => {
  const { form, a } = copyPayload(value);
  expect(form).toBe(FORM.json);
  const ofValue = JSON.stringify(sanitizeJson(boundPayload(value)));
  expect(JSON.stringify(sanitizeJson(JSON.parse(a as string)))).toBe(ofValue);
});

test('what is changed after it was handed over is not shown', () => {
  const value = { words: ['a'] };
  const { a } = copyPayload(value);
  value.words.push('b');
  expect(a).toBe('{"words":["a"]}');
});

test('a text stays one, and one that was cut says how large it was', () => {
  expect(copyPayload('hi')).toEqual({ form: FORM.text, a: 'hi', b: 0 });
  const cut = copyPayload('ü '.repeat(50_000));
  expect(cut).toMatchObject({ form: FORM.text, b: 150_000 });
  expect((cut.a as string).length).toBeLessThan(5_000);
});

test('nothing is nothing, and a piece of a text stays a mark, also in a payload that is cut', () => {
  expect(copyPayload(undefined).form).toBe(FORM.none);
  const piece = new Piece({ mark: [1, 2] });
  expect(copyPayload({ delta: piece })).toMatchObject({ form: FORM.marked, a: '{"delta":{"mark":[1,2]}}' });
  const { a } = copyPayload({ delta: piece, long: 'x '.repeat(40_000) });
  expect(JSON.parse(a as string)).toMatchObject({ delta: { mark: [1, 2] } });
});
