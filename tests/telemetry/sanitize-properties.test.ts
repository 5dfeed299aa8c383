import fc from 'fast-check';
import { compileRules } from '../../src/telemetry/sanitize/redact-file.ts';
import { createSanitizer, type Sanitizer } from '../../src/telemetry/sanitize.ts';
import { countSteps } from '../support/count-steps.ts';
import { builtIn } from '../support/sanitizer.ts';
import { SECRET_NAMES } from './sanitize-secrets.ts';
import { ALL_SECRETS } from './shaped-secrets.ts';

const withRules = createSanitizer(
  await compileRules({
    keys: ['employee_id', 'note'],
    patterns: ['EMP-[0-9]{6}', '[a-f]{3,12}', '(?i)acme.{0,40}end', '[A-Z ]{8,20}'],
  }),
);

const secrets = ALL_SECRETS.map(({ text }) => text);
const word = fc.constantFrom(...SECRET_NAMES, 'name', 'value', 'type', 'token', 'note', 'a', '');
const part = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    ...secrets,
    ': ',
    '="',
    '"',
    '\\"',
    '{"',
    '<',
    '>',
    '[REDACTED]',
    'REDACTED',
    'EMP-123456',
    'abcdef',
  ),
  word,
);
const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.double(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 6 }),
    fc.dictionary(fc.oneof(word, text), tie('json'), { maxKeys: 6 }),
    tie('json').map((value) => JSON.stringify(value) ?? ''),
  ),
}));

/** No character becomes more than this many. */
const GROWTH = 12;
const sizeOf = (value: unknown): number => JSON.stringify(value)?.length ?? 0;

describe.each([
  ['the built-in rules', builtIn],
  ['rules of the operator', withRules],
])('with %s, for any JSON', (_which, { sanitizeJson, sanitizeText, createTextSanitizer }) => {
  test('sanitizing never throws, is bounded, and changes nothing when done twice', () => {
    fc.assert(
      fc.property(json, (value) => {
        const before = JSON.stringify(value);
        const once = sanitizeJson(value);
        expect(sanitizeJson(once)).toEqual(once);
        expect(sizeOf(once)).toBeLessThanOrEqual(GROWTH * (sizeOf(value) + 10));
        // What the client gets is made of the value itself.
        expect(JSON.stringify(value)).toBe(before);
      }),
      { numRuns: 2_000, seed: 20_261_121 },
    );
  });

  test('a text in two pieces comes out as it does whole, and a second time as it is', () => {
    fc.assert(
      fc.property(text, fc.nat(), (whole, cut) => {
        const at = whole.length === 0 ? 0 : cut % whole.length;
        const stream = createTextSanitizer();
        const out = stream.push(whole.slice(0, at)) + stream.push(whole.slice(at)) + stream.flush();
        expect(out).toBe(sanitizeText(whole));
        expect(sanitizeText(out)).toBe(out);
      }),
      { numRuns: 2_000, seed: 20_261_121 },
    );
  });
});

const SIZE = 8 * 1024;
const PIECE = 128;
const repeated = (unit: string, size: number): string =>
  unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

/** Texts that are one unit over and over: what comes nearest to a trigger each time, and each secret itself. */
const UNITS: readonly string[] = [
  ...[
    'a',
    '-',
    '\\',
    '"',
    ':',
    '=',
    ' ',
    '>',
    '<',
    '1',
    '4111 ',
    '4111',
    'eyJ-',
    'x://',
    'a@',
    '\\"password\\":',
    '\\"',
  ],
  ...[
    'password: ',
    'passphrase: correct horse ',
    '"credentials":{',
    'token="${',
    ' --token ',
    'Bearer ',
    '<password>',
  ],
  ...[
    'Authorization: Digest ',
    '-----BEGIN ',
    '-----END ',
    'password is ',
    'IDENTIFIED BY ',
    'machine h login m password ',
  ],
  ...[
    '"token":"a","type":',
    'hooks.slack.com/services/',
    '123456789:AA',
    '"name":"key","value":',
    '<![CDATA[',
    '@"',
    '"""',
  ],
];
const OPERATOR_UNITS = ['a', ' ', 'EMP-12345', 'abcdef', 'acme', 'REDACTED', 'password: ', 'EMP-123456'];

/** Twice the text takes about twice the steps; a square would take four times as many. */
const expectLinear = (run: (size: number) => void): void => {
  const [once, twice] = [countSteps(() => run(SIZE)), countSteps(() => run(2 * SIZE))];
  expect(twice).toBeLessThan(2.6 * once + 4 * SIZE);
};

const inPieces = ({ createTextSanitizer }: Sanitizer, whole: string): void => {
  const stream = createTextSanitizer();
  for (let at = 0; at < whole.length; at += PIECE) stream.push(whole.slice(at, at + PIECE));
  stream.flush();
};

describe.each([
  ['the built-in rules', builtIn, [...UNITS, ...secrets]],
  ['rules of the operator', withRules, OPERATOR_UNITS],
] as const)('with %s the steps grow with the text, and no faster:', (_which, sanitizer, units) => {
  test.each(units.map((unit) => [unit]))('%j', (unit) => {
    for (const start of ['', '"password":"', `-----BEGIN PRIVATE${' KEY-----\n'}`])
      expectLinear((size) => sanitizer.sanitizeText(start + repeated(unit, size)));
    expectLinear((size) => inPieces(sanitizer, repeated(unit, size)));
    const entry = { [unit]: unit };
    expectLinear((size) => sanitizer.sanitizeJson(Array.from({ length: size / 64 }, () => entry)));
  });
});

test('the count tells a square from a line', () => {
  const searchFromEachPlace = (size: number): void => {
    const text = 'a'.repeat(size);
    const pattern = /b/g;
    for (let at = 0; at < size; at += 16) {
      pattern.lastIndex = at;
      pattern.exec(text);
    }
  };
  expect(() => expectLinear(searchFromEachPlace)).toThrow();
});
