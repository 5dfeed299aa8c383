import fc from 'fast-check';
import { createSensitivity, nameWords } from '../../src/telemetry/sanitize/keys.ts';
import { createTextRules } from '../../src/telemetry/sanitize/scanner.ts';
import { TABLE } from '../../src/telemetry/sanitize/table.ts';
import { createPlainStream } from './plain-scanner.ts';
import { INNOCENT_TEXTS } from './sanitize-secrets.ts';
import { ALL_SECRETS } from './shaped-secrets.ts';

const FILLER = ['lorem ipsum dolor sit amet, '.repeat(5), 'z'.repeat(119), `${'y'.repeat(60)} `];
const MARKS = ' |\n|:|=|"|\\"|\\n|\'|{|}|[|]|.|--|/|?|&|@|<|>|==|%20|é|😀|\ud83d|ſ|K'.split('|');
const WORDS = [
  ...'password Password PWD api_key API_KEY token key sig value name hunter2 Bearer user pass employeeId'.split(
    ' ',
  ),
  ...['curl -u me', '--password ', '?sig=', 'seed phrase: ', 'mnemonic = ', 'correct horse battery staple'],
  ...['[REDACTED]', 'REDACTED', '4111 1111 1111 1111', '"name":"DB_PASSWORD",', '"value":', '<password>'],
];
const TEXTS = [
  ...ALL_SECRETS.map(({ text }) => text),
  ...INNOCENT_TEXTS,
  ...TABLE.flatMap(({ example: [text], counterExample }) => [text, counterExample]),
  ...TABLE.flatMap(({ at }) => at.filter((trigger) => typeof trigger === 'string')),
];
const part = fc.oneof(
  fc.constantFrom(...MARKS),
  fc.constantFrom(...WORDS),
  fc.constantFrom(...FILLER),
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const text = fc.array(part, { maxLength: 16 }).map((parts) => parts.join(''));
const sizes = fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 1, maxLength: 8 });

const piecesOf = (whole: string, lengths: readonly number[]): string[] => {
  const pieces: string[] = [];
  for (let at = 0; at < whole.length; at += pieces.at(-1)?.length ?? 0)
    pieces.push(whole.slice(at, at + (lengths[pieces.length % lengths.length] ?? 1)));
  return pieces;
};

describe.each([
  ['the built-in names', []],
  ['names of the operator', ['employee_id', 'x9']],
  ['a name of the operator that has no word', ['a.']],
] as const)('with %s', (_which, userKeys) => {
  const sensitivityOf = createSensitivity(userKeys);
  const { clean, stream } = createTextRules(TABLE, sensitivityOf, nameWords(userKeys));

  test('each piece comes out as if every rule were asked at every place', () => {
    fc.assert(
      fc.property(text, sizes, (whole, lengths) => {
        const fast = stream();
        const plain = createPlainStream(TABLE, sensitivityOf);
        const pieces = piecesOf(whole, lengths);
        const out = [...pieces.map((piece) => fast.push(piece)), fast.flush()];
        expect(out).toEqual([...pieces.map((piece) => plain(piece, false)), plain('', true)]);
        expect(clean(whole)).toBe(out.join(''));
      }),
      { numRuns: 600, seed: 20_261_121 },
    );
  });
});
