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

/** Letters and digits that look random, always the same. */
export const fakeText = (length: number, alphabet = LETTERS): string => of(alphabet, length);

export const token = (
  what: string,
  prefix: readonly string[],
  length: number,
  alphabet = LETTERS,
): FakeSecret => {
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
/** Encrypted, and cut off before its end. */
const TORN_PEM = [
  '-----BEGIN ',
  'RSA PRIVATE',
  ' KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n',
  KEY_LINES,
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
  { what: 'an encrypted private key without its end', text: TORN_PEM, secret: KEY_LINES },
  {
    what: 'the userinfo of a URL',
    text: `https://user-of-it:${WORD}@host.example/path`,
    secret: `user-of-it:${WORD}`,
  },
  { what: 'a signed URL', text: `https://host.example/a?b=c&X-Amz-Signature=${WORD}`, secret: WORD },
  { what: 'a signature in a query', text: `https://host.example/a?b=c&sig=${WORD}`, secret: WORD },
  {
    what: 'a URL that Google signed',
    text: `https://host.example/a?X-Goog-Signature=${WORD}&c=d`,
    secret: WORD,
  },
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
  { what: 'an AWS secret of a shell', text: `AWS_SECRET_ACCESS_KEY=${WORD}`, secret: WORD },
  { what: 'an AWS secret in JSON', text: `{"secretAccessKey":"${WORD}","region":"x"}`, secret: WORD },
  { what: 'a secret key in JSON', text: `{"secret_key": "${WORD}"}`, secret: WORD },
  {
    what: 'a service account',
    text: JSON.stringify({ type: 'service_account', private_key: FAKE_PEM }),
    secret: KEY_LINES.replaceAll('\n', '\\n'),
  },
  { what: 'a key in a header', text: `x-api-key: ${WORD}`, secret: WORD },
  { what: 'an authorization without a scheme', text: `authorization: ${WORD}`, secret: WORD },
  { what: 'an authorization in code', text: `{ 'Authorization': 'Token ${WORD}' }`, secret: WORD },
  { what: 'a password in a line', text: `password: ${WORD}`, secret: WORD },
  { what: 'a cookie header', text: `Cookie: theme=dark; sid=${WORD}; x=${WORD}`, secret: WORD },
  { what: 'a command-line flag', text: `login --password ${WORD}`, secret: WORD },
  { what: 'a token on a command line', text: `login --token ${WORD}`, secret: WORD },
  { what: 'a login on a command line', text: `curl -u somebody:${WORD} x`, secret: WORD },
  { what: 'the password of a database', text: `Server=h;UID=sa;PWD=${WORD};`, secret: WORD },
  { what: 'an assignment in code', text: `const apiKey = '${WORD}';`, secret: WORD },
];

/** What attributes with a secret are called. */
export const SECRET_NAMES: readonly string[] = (
  'accessToken account_key api_key apikey auth authorization aws_secret_access_key clientSecret client-secret cookie credentials creds ' +
  'db.password db_pass encryption_key id_token mysql_pwd openai_api_key pass passcode passphrase passwd password password_hash private_key ' +
  'proxy-authorization pwd refresh_token secret secretAccessKey secret_key session.token set-cookie signing-key smtp.pass token ' +
  'userPassword user_passwords webhook_secret x-api-key'
).split(' ');

/** What no secret stands under, though it may look so. */
export const INNOCENT_NAMES: readonly string[] = (
  'author cache_key cancel_token compass cookie_count cwd gen_ai.usage.input_tokens gen_ai.usage.output_tokens hash_key http.route key key_name ' +
  'max_tokens monkey next_page_token oauth passed password_length primary_key public_key secretary test.pass token_count token_type ' +
  'tokens turnkey'
).split(' ');

/** Texts without a secret: they stay as they are. */
export const INNOCENT_TEXTS: readonly string[] = [
  'The token count was 1234, and max_tokens: 4096 was allowed. {"input_tokens":12,"total_tokens":34}',
  'token_count=12 token_count: 1234 key_name: primary1 "key_name":"first1" passed: 12345 {"passed":1234,"pass":12}',
  '{"type":"password","name":"login","placeholder":"Password"}',
  '{"token_type":"Bearer","prompt_cache_key":"abc123","public_key":"ssh-rsa","secret_name":"of-it1"}',
  'Password: must be at least 8 characters. The secret: patience. Bearer tokens are short-lived.',
  'Bearer token-based authentication, basic information and Basic authentication are described below.',
  'Authorization: Bearer tokens are required here. The authorization: see the documentation.',
  'Fill in the field "password:" and the fields \'token:\' and `secret=`, then go on.',
  'Cookies: chocolate chip. The key: practice. Keys: a, b and c. Author: somebody.',
  "if (token === 'option' || typeof password === 'string') next();",
  'sk-learn, sk-SK, .sk-circle, ghp_short, npm_config_registry, hf_hub_download, AKIA, eyJ and xoxo-',
  'npm_lifecycle_event=start PWD=/home/me1 OLDPWD=/tmp/2 --token-limit 500 --tokens 1000 -- password',
  'git clone git@github.com:a/b.git ssh://git@host/x https://medium.com/@me/a mailto:me@host.example',
  '2026-11-21T09:00:00Z 10:30 std::token::Kind a ? b : c {"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
  'The file starts with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----, says the RFC.',
  'See https://example.org/?a=b&page=2&sort=key#token for details; sort -u names.txt; docker run -u 1000:1000 x',
  'req_0123456789ab 0af7651916cd43dd8448eb211c80319c sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
];

/** Whether any eight characters in a row of a secret stand in a text. */
export const shows = (text: string, secret: string): boolean => {
  for (let start = 0; start + 8 <= secret.length; start++) {
    if (text.includes(secret.slice(start, start + 8))) return true;
  }
  return false;
};
