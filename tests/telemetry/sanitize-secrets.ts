/** Secrets that never were any, put together when the tests run so that no scanner takes them for real ones. */
export interface FakeSecret {
  readonly what: string;
  readonly text: string;
  /** The part that must never show. */
  readonly secret: string;
}

const LETTERS = 'aB3cD4eF5gH6iJ7kL8mN9pQ0rS1tU2vW';
const UPPER = 'AB3CD4EF5GH6JK7MN8PQ';
const of = (alphabet: string, length: number): string =>
  alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
const base64 = (text: string): string => Buffer.from(text).toString('base64').replace(/=+$/, '');

const token = (what: string, prefix: readonly string[], length: number, alphabet = LETTERS): FakeSecret => {
  const text = prefix.join('') + of(alphabet, length);
  return { what, text, secret: text };
};

export const FAKE_JWT = [
  'eyJ',
  base64('{"alg":"HS256"}').slice(3),
  '.eyJ',
  base64('{"sub":"nobody"}').slice(3),
  '.',
  of(LETTERS, 43),
].join('');
const KEY_LINES = Array.from({ length: 4 }, (_, line) => of(`${LETTERS}${line}`, 64)).join('\n');
export const FAKE_PEM = [
  '-----BEGIN ',
  'RSA PRIVATE',
  ' KEY-----\n',
  KEY_LINES,
  '\n-----END ',
  'RSA PRIVATE',
  ' KEY-----',
].join('');
const WORD = of(LETTERS, 24);

export const FAKE_SECRETS: readonly FakeSecret[] = [
  token('an OpenAI key', ['sk', '-'], 48),
  token('an OpenAI project key', ['sk', '-proj-'], 80),
  token('an Anthropic key', ['sk', '-ant-api03-'], 90),
  token('a Stripe key', ['sk', '_live_'], 24),
  token('a GitHub token', ['gh', 'p_'], 36),
  token('a fine-grained GitHub token', ['github', '_pat_'], 60),
  token('a GitLab token', ['glp', 'at-'], 20),
  token('a Slack token', ['xox', 'b-'], 40),
  token('a Google API key', ['AI', 'za'], 35),
  token('a Google access token', ['ya', '29.'], 60),
  token('an npm token', ['np', 'm_'], 36),
  token('a Hugging Face token', ['h', 'f_'], 34),
  token('an xAI key', ['xa', 'i-'], 80),
  token('an AWS access key', ['AK', 'IA'], 16, UPPER),
  { what: 'a JSON web token', text: FAKE_JWT, secret: FAKE_JWT },
  { what: 'a bearer token', text: `Bearer ${WORD}`, secret: WORD },
  { what: 'basic credentials', text: `Basic ${base64(`user:${WORD}`)}`, secret: base64(`user:${WORD}`) },
  { what: 'an authorization header', text: `Authorization: Bearer ${WORD}`, secret: WORD },
  { what: 'a private key', text: FAKE_PEM, secret: KEY_LINES },
  {
    what: 'a private key in a JSON text',
    text: JSON.stringify(FAKE_PEM),
    secret: KEY_LINES.replaceAll('\n', '\\n'),
  },
  {
    what: 'the userinfo of a URL',
    text: `https://user-of-it:${WORD}@host.example/path`,
    secret: `user-of-it:${WORD}`,
  },
  { what: 'a signed URL', text: `https://host.example/a?b=c&X-Amz-Signature=${WORD}`, secret: WORD },
  { what: 'a query key', text: `https://host.example/?api_key=${WORD}&x=1`, secret: WORD },
  { what: 'a shell assignment', text: `DB_PASSWORD=${WORD}`, secret: WORD },
  { what: 'a spaced assignment', text: `password = ${WORD}`, secret: WORD },
  { what: 'a YAML entry', text: `api_key: ${WORD}`, secret: WORD },
  {
    what: 'a quoted secret of several words',
    text: `password: "one two, ${WORD} \\"and\\" more"`,
    secret: `one two, ${WORD}`,
  },
  { what: 'a JSON entry', text: `{"clientSecret": "${WORD}", "max_tokens": 5}`, secret: WORD },
  { what: 'JSON inside JSON', text: JSON.stringify(JSON.stringify({ password: WORD })), secret: WORD },
  { what: 'nested JSON', text: `{"credentials": {"user": "${WORD}", "more": ["]", 1]}}`, secret: WORD },
  { what: 'an AWS secret', text: `aws_secret_access_key = ${WORD}/+${WORD}`, secret: `${WORD}/+${WORD}` },
  { what: 'a cookie header', text: `Cookie: theme=dark; sid=${WORD}; x=${WORD}`, secret: WORD },
  { what: 'a command-line flag', text: `login --password ${WORD}`, secret: WORD },
  { what: 'an assignment in code', text: `const apiKey = '${WORD}';`, secret: WORD },
];

/** Whether any eight characters in a row of a secret stand in a text. */
export const shows = (text: string, secret: string): boolean => {
  for (let start = 0; start + 8 <= secret.length; start++) {
    if (text.includes(secret.slice(start, start + 8))) return true;
  }
  return false;
};
