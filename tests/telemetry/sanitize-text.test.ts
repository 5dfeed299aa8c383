import { sanitizeText } from '../support/sanitizer.ts';
import { FAKE_JWT, FAKE_PEM, INNOCENT_TEXTS, shows } from './sanitize-secrets.ts';
import { ALL_SECRETS } from './shaped-secrets.ts';

const WORD = 'abc123def456ghi789jkl0';
/** What a template or a shell puts a value in for. */
const PLACE = ['$', '{', 'TOKEN', '}'].join('');

test.each(ALL_SECRETS)('$what does not show', ({ text, secret }) => {
  for (const around of [
    text,
    `see ${text}`,
    `${text} there`,
    `"${text}"`,
    `(${text})`,
    `a\n${text}\nb`,
    `x\\n${text}\\n`,
  ]) {
    const clean = sanitizeText(around);
    expect(shows(clean, secret)).toBe(false);
    expect(clean).toContain('REDACTED');
  }
});

test.each(ALL_SECRETS)('$what is redacted once: a second pass changes nothing', ({ text }) => {
  const once = sanitizeText(`see ${text} there`);
  expect(sanitizeText(once)).toBe(once);
});

test.each([
  [`Authorization: Bearer ${WORD}`, 'Authorization: Bearer [REDACTED]'],
  ['authorization: Bearer abc', 'authorization: Bearer [REDACTED]'],
  [`curl -H "Authorization: Basic dTpw" https://h`, 'curl -H "Authorization: Basic [REDACTED]" https://h'],
  [
    'Authorization: Digest username="u", response="abcdef"\nHost: h',
    'Authorization: Digest [REDACTED]\nHost: h',
  ],
  ['Cookie: a=b; c=d\r\nHost: h', 'Cookie: [REDACTED]\r\nHost: h'],
  ['https://user:pass@host:80/x?sig=abc&a=b#c', 'https://REDACTED:REDACTED@host:80/x?sig=REDACTED&a=b#c'],
  ['redis://:p@ss/word', 'redis://REDACTED:REDACTED@ss/word'],
  ['https://token@host/x', 'https://REDACTED@host/x'],
  ['{"url":"https:\\/\\/user:pass@host\\/"}', '{"url":"https:\\/\\/REDACTED:REDACTED@host\\/"}'],
  ['/v1/models?key=abc123&alt=json', '/v1/models?key=REDACTED&alt=json'],
  ['password=hunter2 and more', 'password=[REDACTED] and more'],
  ['password: hunter2, user: me', 'password: [REDACTED], user: me'],
  ['password: swordfish', 'password: [REDACTED]'],
  ['{"password":"a \\"b\\" c","n":1}', '{"password":"[REDACTED]","n":1}'],
  ['{"password":"a\\\\","n":1}', '{"password":"[REDACTED]","n":1}'],
  ['{"secret":12345678,"n":1}', '{"secret":"[REDACTED]","n":1}'],
  ['{"api_keys":["a","b"],"n":1}', '{"api_keys":"[REDACTED]","n":1}'],
  ["headers['x-api-key'] = 'abc'", "headers['x-api-key'] = '[REDACTED]'"],
  ["{ 'secret_key' => 'abc' }", "{ 'secret_key' => '[REDACTED]' }"],
  ['API key: abc123', 'API key: [REDACTED]'],
  ['Server=h;AccountKey=abc123==;x=1', 'Server=h;AccountKey=[REDACTED];x=1'],
  ['mysql --user me --password hunter2 -h x', 'mysql --user me --password [REDACTED] -h x'],
  ['x --api-key=abc123 y', 'x --api-key=[REDACTED] y'],
  [`a ${FAKE_JWT}, b`, 'a [REDACTED], b'],
  [`before\n${FAKE_PEM}\nafter`, 'before\n[REDACTED]\nafter'],
  ['ODBC;UID=sa;PWD=hunter2;', 'ODBC;UID=sa;PWD=[REDACTED];'],
])('%j becomes %j', (text, clean) => {
  expect(sanitizeText(text)).toBe(clean);
});

test('a private key without its end hides what follows', () => {
  const torn = FAKE_PEM.slice(0, -60);
  expect(sanitizeText(`key:\n${torn}`)).toBe('key:\n[REDACTED]');
});

test.each([
  ...INNOCENT_TEXTS,
  '{"token_type":"Bearer","next_page_token":"CAUQAA","prompt_cache_key":"abc","public_key":"ssh-rsa"}',
  'const token = getToken(); const key = process.env.OPENAI_API_KEY; let secret = config.secret;',
  'api_key=os.environ["OPENAI_API_KEY"], client = OpenAI(api_key=api_key)',
  'interface Login { password: string; token?: string; secret: Secret; apiKey: ApiKey }',
  `fetch(url, { headers: { Authorization: \`Bearer ${PLACE}\` } })`,
  'curl -H "Authorization: Bearer $OPENAI_API_KEY" -d "{}" https://api.example/v1',
  "if (token === 'option' || typeof password === 'string' || data.password === data.confirm) next();",
  `export API_KEY=$OTHER_KEY; password="${PLACE}"; token: "<your token>"; secret: ********`,
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'MIT License. Copyright (c) 2026. See https://example.org/?a=b&page=2&sort=key#token for details.',
  'Das Passwort ist geheim: bitte nicht weitersagen. 密码：不告诉你。',
])('ordinary text stays as it is: %j', (text) => {
  expect(sanitizeText(text)).toBe(text);
});
