import { createRandom } from '../support/random.ts';
import { createTextSanitizer, sanitizeText } from '../support/sanitizer.ts';
import { FAKE_PEM, shows } from './sanitize-secrets.ts';
import { ALL_SECRETS } from './shaped-secrets.ts';

/** Everything that comes out for the pieces, one after the other. */
const stream = (pieces: Iterable<string>): string[] => {
  const sanitizer = createTextSanitizer();
  return [...Array.from(pieces, (piece) => sanitizer.push(piece)), sanitizer.flush()];
};

const cutEvery = (text: string, size: number): string[] =>
  text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

const PROSE = 'Here is what you asked for: a key, and "more" of it.\n';

describe.each(ALL_SECRETS)('$what', ({ text, secret }) => {
  const whole = `${PROSE}${text} ${PROSE}`;

  test('does not show wherever it is split in two', () => {
    const expected = sanitizeText(whole);
    for (let cut = 0; cut <= whole.length; cut++) {
      const out = stream([whole.slice(0, cut), whole.slice(cut)]).join('');
      expect(out).toBe(expected);
      expect(shows(out, secret)).toBe(false);
    }
  });

  test('does not show in pieces of any size', () => {
    for (const size of [1, 2, 3, 5, 8, 13, 21]) {
      const out = stream(cutEvery(whole, size)).join('');
      expect(out).toBe(sanitizeText(whole));
      expect(shows(out, secret)).toBe(false);
    }
  });

  test('does not show when the text ends inside it', () => {
    for (let end = 0; end < text.length; end += 3) {
      const part = PROSE + text.slice(0, end);
      expect(stream(cutEvery(part, 4)).join('')).toBe(sanitizeText(part));
    }
  });
});

const FRAGMENTS: readonly [string, ...string[]] = [
  ...([
    ' ',
    '  ',
    '\n',
    ':',
    '=',
    '"',
    "'",
    '\\',
    '\\"',
    '\\n',
    '{',
    '}',
    '[',
    ']',
    '.',
    '-',
    '--',
    '/',
    '?',
    '&',
    '@',
    '`',
  ] as const),
  ...([
    '$',
    '<',
    '==',
    '=>',
    'é',
    '😀',
    'of',
    'the',
    'password',
    'api_key',
    'token',
    'key',
    'sig',
    'PWD',
    'credentials',
  ] as const),
  ...([
    'Authorization',
    'Cookie',
    'Bearer',
    'Basic',
    'Digest',
    'dXNlcjpwYXNz',
    '://',
    'https',
    'user',
    '--password',
  ] as const),
  ...([
    'hunter2',
    'abc123',
    'x'.repeat(30),
    '[REDACTED]',
    'sk' + '-',
    'eyJ',
    'AK' + 'IA',
    'ABCDEFGHIJKLMNOP',
    'gh' + 'p_',
  ] as const),
  ...([
    '-----BEGIN PRIVATE' + ' KEY-----',
    '-----END PRIVATE' + ' KEY-----',
    'eyJhbGciOiJIUzI1NiJ9',
  ] as const),
  ...([
    '<password>',
    '</password>',
    '<![CDATA[',
    ']]>',
    '@"',
    '"""',
    'IDENTIFIED BY ',
    'machine h login me ',
    'password ',
    ' is ',
    'passphrase: ',
    'correct horse battery staple',
  ] as const),
  ...([
    '4111 1111 1111 1111',
    '4111111111111111',
    '123456789:AA',
    'hooks.slack.com/services/',
    '"name":"DB_PASSWORD",',
    '"value":',
    '"token":"',
    '","type":"keyword"',
    '3 attempts',
    'include',
    '5',
    'pass',
  ] as const),
  ...ALL_SECRETS.map(({ text }) => text),
];

test('any text in any pieces comes out as it does whole, and a second time as it is', () => {
  const random = createRandom(20_261_121);
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 2 + random.below(14) }, () => random.pick(FRAGMENTS)).join('');
    const pieces: string[] = [];
    for (let at = 0; at < text.length; ) {
      const size = 1 + random.below(random.below(2) === 0 ? 3 : 20);
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    const out = stream(pieces).join('');
    if (sanitizeText(out) !== out) expect({ pieces, out: sanitizeText(out) }).toEqual({ pieces, out });
    if (out !== sanitizeText(text)) expect({ pieces, out }).toEqual({ pieces, out: sanitizeText(text) });
  }
});

test('prose comes out word by word, without the unfinished one', () => {
  expect(stream(['The pass', 'word is a ', 'word: the', ' one.'])).toEqual([
    'The ',
    'password is a ',
    'word: ',
    'the ',
    'one.',
  ]);
});

test('what may become a secret waits until it is clear', () => {
  expect(
    stream(['use Bear', 'er ', 'abc', '123def ', 'now ', 'and password', ' = ', 'hunt', 'er2\n']),
  ).toEqual(['use ', '', '', 'Bearer [REDACTED] ', 'now ', 'and ', 'password ', '', '= [REDACTED]\n', '']);
});

test('a label comes out at once, and the rest of a long secret is swallowed as it comes', () => {
  const sanitizer = createTextSanitizer();
  expect(sanitizer.push(`key ${'sk'}-${'abc123'.repeat(5)}`)).toBe('key [REDACTED]');
  expect(Array.from({ length: 100 }, () => sanitizer.push('abc123'.repeat(100))).join('')).toBe('');
  expect(sanitizer.push(' done.')).toBe(' ');
  expect(sanitizer.flush()).toBe('done.');
});

test('a word of a megabyte without a space is not kept waiting', () => {
  const sanitizer = createTextSanitizer();
  let pushed = 0;
  let out = 0;
  for (let piece = 0; piece < 1024; piece++) {
    pushed += 1024;
    out += sanitizer.push('aB3-_'.repeat(205).slice(0, 1024)).length;
    expect(pushed - out).toBeLessThanOrEqual(8192);
  }
  expect(out + sanitizer.flush().length).toBe(pushed);
});

test.each(['eyJ', 'Basic ', 'https://', 'password: ', '-----BEGIN '])(
  'a megabyte after %j is held back in part only',
  (start) => {
    const sanitizer = createTextSanitizer();
    let out = sanitizer.push(start);
    const piece = 'aB'.repeat(512);
    for (let count = 0; count < 1024; count++) out += sanitizer.push(piece);
    const rest = sanitizer.flush();
    expect(rest.length).toBeLessThanOrEqual(8192);
    expect(out + rest).toBe(sanitizeText(start + piece.repeat(1024)));
  },
);

test('a private key that never ends is swallowed, and text after one that ends is not', () => {
  const [head = '', ...lines] = FAKE_PEM.split('\n');
  expect(stream(['x ', head, '\n', ...Array.from({ length: 500 }, () => `${lines[0]}\n`)]).join('')).toBe(
    'x [REDACTED]',
  );
  expect(stream(['x ', ...cutEvery(FAKE_PEM, 7), ' y']).join('')).toBe('x [REDACTED] y');
});

test('no piece ends inside a character', () => {
  const pieces = stream(cutEvery('Grüße 🌍🌎🌏, password: "🌍🌎" 🌏', 1));
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  expect(pieces.join('')).toBe('Grüße 🌍🌎🌏, password: "[REDACTED]" 🌏');
});

test('after a flush a sanitizer starts a new text', () => {
  const sanitizer = createTextSanitizer();
  expect([sanitizer.push('api_key: "abc'), sanitizer.flush()]).toEqual(['api_key: "[REDACTED]', '']);
  expect([sanitizer.push('def '), sanitizer.flush(), sanitizer.flush()]).toEqual(['def ', '', '']);
});
