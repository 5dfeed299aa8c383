import { createTextSanitizer, sanitizeJson, sanitizeText } from '../../src/telemetry/sanitize.ts';

const MIB = 1024 * 1024;
/** Far above what a slow machine needs for linear work, and far below what quadratic work takes. */
const LIMIT_MS = 15_000;
const PIECE = 1000;
const filled = (part: string, start = ''): string =>
  start + part.repeat(Math.ceil(MIB / part.length)).slice(0, MIB);

const HOSTILE: Readonly<Record<string, string>> = {
  letters: filled('a'),
  dashes: filled('-'),
  backslashes: filled('\\'),
  quotes: filled('"'),
  colons: filled(':'),
  'equals signs': filled('='),
  blanks: filled(' '),
  'prefixes of keys': filled(`-${'sk'}-`),
  'starts of tokens': filled('eyJ-'),
  'long token headers': filled(` eyJ${'a'.repeat(4090)}`),
  'starts of private keys': filled('-----BEGIN '),
  'ends of private keys': filled('-----END ', `-----BEGIN PRIVATE${' KEY-----\n'}`),
  'starts of URLs': filled('x://'),
  'at signs in a URL': filled('a@', 'https://'),
  'names without values': filled('password: '),
  'escaped names': filled('\\"password\\":'),
  'open quotes': filled('\\"', '"password":"'),
  'open brackets': filled('"credentials":{'),
  'open placeholders': filled('token="${'),
  flags: filled(' --token '),
  bearers: filled('Bearer '),
  headers: filled('Authorization: Digest '),
};

test.each(Object.entries(HOSTILE))(
  'a megabyte of %s takes linear time, whole and in pieces',
  (_what, text) => {
    const start = performance.now();
    const whole = sanitizeText(text);
    const sanitizer = createTextSanitizer();
    let out = '';
    for (let at = 0; at < text.length; at += PIECE) out += sanitizer.push(text.slice(at, at + PIECE));
    out += sanitizer.flush();
    expect(out === whole).toBe(true);
    expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  },
);

test.each([
  ['brackets in a string', '['.repeat(MIB / 2) + ']'.repeat(MIB / 2)],
  ['objects in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  [
    'names that all look alike once redacted',
    Object.fromEntries(
      Array.from({ length: 50_000 }, (_, n) => [`${'AK'}IA${String(n).padStart(16, '0')}`, n]),
    ),
  ],
  ['an array of a million', Array.from({ length: 1_000_000 }, (_, n) => n)],
  ['an array of holes', new Array(2 ** 32 - 1)],
])('%s take linear time in JSON', (_what, value) => {
  const start = performance.now();
  sanitizeJson(value);
  expect(performance.now() - start).toBeLessThan(LIMIT_MS);
});
