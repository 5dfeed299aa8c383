import fc from 'fast-check';
import { printable, printableJson, printableStrings } from '../../src/telemetry/printable.ts';

/** Controls, bidirectional marks, separators, zero-width and invisible ones, half pairs, tags: one of each kind. */
const HOSTILE =
  '\u001b\u007f\u0085\u009b\u00ad\u034f\u061c\u180e\u200b\u200d\u200e\u2028\u2029\u202e\u2066\u3164\ufe0f\ufeff\ud83d \u{e0041}';
const OBEYED = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

test('JSON for a terminal holds nothing that it obeys or hides, and has the same value', () => {
  const value = { [HOSTILE]: [HOSTILE, { deep: `a${HOSTILE}b` }], plain: 'Straße 読んで 👩‍👩‍👧' };
  const json = printableJson(JSON.stringify(value));
  expect(json).not.toMatch(OBEYED);
  expect(JSON.parse(json)).toEqual(value);
  const pretty = printableJson(JSON.stringify(value, null, 2));
  expect(pretty.replaceAll('\n', '')).not.toMatch(OBEYED);
  expect(JSON.parse(pretty)).toEqual(value);
});

test('that is so for every character, and for any value', () => {
  for (let plane = 0; plane <= 0x10; plane++) {
    const codes = Array.from({ length: 0x1_0000 }, (_, code) => plane * 0x1_0000 + code);
    const text = codes.map((code) => String.fromCodePoint(code)).join(' ');
    const json = printableJson(JSON.stringify(text));
    expect(OBEYED.test(json)).toBe(false);
    expect(JSON.parse(json) === text).toBe(true);
  }
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const json = printableJson(JSON.stringify(value));
      expect(json).not.toMatch(OBEYED);
      expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify(value));
    }),
    { seed: 3 },
  );
});

test('text for a terminal shows the same as escapes, but what emoji are made of', () => {
  const shown = printable(HOSTILE);
  expect(shown).toContain('\\u009b');
  expect(shown.replaceAll(/[\u200d\ufe0f]/g, '')).not.toMatch(OBEYED);
});

test('a line that is read again before it is shown shows escapes as well; a stack keeps its lines', () => {
  const line = JSON.stringify({ msg: 'a\u001b[2J\nb', error: { stack: 'Error: \u202ex\n    at y' } });
  expect(JSON.parse(printableStrings(line))).toEqual({
    msg: 'a\\u001b[2J\\nb',
    error: { stack: 'Error: \\u202ex\n    at y' },
  });
});
