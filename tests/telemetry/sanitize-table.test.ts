import { NAME_WORDS, sensitivityOf } from '../../src/telemetry/sanitize/keys.ts';
import { createTextRules } from '../../src/telemetry/sanitize/scanner.ts';
import { TABLE } from '../../src/telemetry/sanitize/table.ts';

const { clean, stream } = createTextRules(TABLE, sensitivityOf, NAME_WORDS);
const PROSE = 'Here is more of it, and then some.\n';

const inPieces = (pieces: readonly string[]): string => {
  const sanitizer = stream();
  return pieces.map((piece) => sanitizer.push(piece)).join('') + sanitizer.flush();
};

test('every rule has a name of its own, and says what it finds', () => {
  expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
  for (const { finds, at } of TABLE) {
    expect(finds).not.toBe('');
    expect(at.length).toBeGreaterThan(0);
  }
});

describe.each(TABLE)('$name', ({ name, at, example: [text, expected], counterExample }) => {
  test('its example becomes what the table says, and stays so', () => {
    expect(clean(text)).toBe(expected);
    expect(clean(expected)).toBe(expected);
    expect(clean(`${PROSE}${text}`)).toBe(PROSE + expected);
  });

  test('without this rule the example shows', () => {
    const others = createTextRules(
      TABLE.filter((row) => row.name !== name),
      sensitivityOf,
      NAME_WORDS,
    );
    expect(others.clean(text)).not.toBe(expected);
  });

  test('its counter-example stays as it is', () => {
    expect(clean(counterExample)).toBe(counterExample);
  });

  test('example and counter-example come out the same wherever they are split', () => {
    for (const sample of [text, `${text} ${PROSE}`, `${counterExample} ${PROSE}`]) {
      const whole = clean(sample);
      for (let cut = 0; cut <= sample.length; cut++)
        expect(inPieces([sample.slice(0, cut), sample.slice(cut)])).toBe(whole);
      expect(inPieces([...sample])).toBe(whole);
    }
  });

  test('each of its prefixes is looked for', () => {
    // Only tokens have a text after the prefix that fits all of their prefixes.
    if (!name.startsWith('token ')) return;
    for (const prefix of at) expect(clean(text.replace(String(at[0]), String(prefix)))).toBe(expected);
  });
});
