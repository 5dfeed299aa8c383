import { remembering } from './remembering.ts';

/** A password may be any word at all; other secrets look like one. */
export type Sensitivity = 'password' | 'secret';

/** Whether what stands under a name is a secret, and of which sort. */
export type SensitivityOf = (name: string) => Sensitivity | undefined;

/**
 * A name without one of these words, in whatever case, is not sensitive; nor does a rule for texts take it for one, that knows more:
 * "seed phrase", "mnemonic", `sig`, `curl -u name:`.
 */
export const NAME_WORDS = 'pass pwd secret token key auth cookie cred seed recovery mnemonic sig -u'.split(
  ' ',
);

/** A name such as `value` or `default_value`: what it holds is judged by the name that stands beside it. */
export const PAIR_VALUE = /^(?:\w{0,24}[_-]?)?value$/i;

const MAX_NAME = 128;
const MAYBE = /pass|pwd|secret|token|key|auth|cookie|cred/i;

const PASSWORDS = new Set('password passwords passwd pwd passphrase passcode'.split(' '));
const SECRETS = new Set(
  'secret secrets token authorization auth cookie cookies credential credentials creds apikey apikeys'.split(
    ' ',
  ),
);
/** All in one word, as header names and some configuration files have them: `clientsecret`, `XAPIKEY`. */
const SECRET_TAIL =
  /(?:passwd|passphrase|secret|(?:api|access|secret|private|auth)key|(?:auth|access|refresh|session|bearer)token|(?:admin|db|root|smtp|user)pass|credentials)$/;
/** `public_key`, `primary_key` or a plain `key` is no secret. */
const KEY_KINDS = new Set(
  'access account anthropic api app auth client consumer deploy encryption gemini master openai private recovery secret service session shared signing ssh subscription unseal webhook'.split(
    ' ',
  ),
);
/** Language models count tokens, pages are fetched by token: those are no secrets. */
const HARMLESS_TOKENS = new Set(
  'bos cancel cancellation completion continuation each eos first input last max min next num output pad page per progress prompt sep special stop total unk'.split(
    ' ',
  ),
);
const SECRET_TOKENS = new Set('access api auth bearer id personal refresh secret session'.split(' '));
const PASS_KINDS = new Set(
  'admin database db ftp ldap mail mysql pg postgres redis root smtp user'.split(' '),
);
/** Says something about the secret and still shows it: `password_hash`, `token_value`. */
const TRAILERS = new Set('b64 base confirm confirmation hash header new old pem plain raw value'.split(' '));

/** Words of a camelCase, snake_case, kebab-case or dotted name, in lower case, without trailing digits. */
const wordsOf = (name: string): string[] =>
  name
    .slice(-MAX_NAME)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter(Boolean);

const judge = (last: string, before: string): Sensitivity | undefined => {
  if (PASSWORDS.has(last) || last.endsWith('password')) return 'password';
  if (last === 'pass') return before === '' ? 'secret' : PASS_KINDS.has(before) ? 'password' : undefined;
  if (last === 'token') return HARMLESS_TOKENS.has(before) ? undefined : 'secret';
  if (last === 'tokens') return SECRET_TOKENS.has(before) ? 'secret' : undefined;
  if (last === 'key' || last === 'keys') return KEY_KINDS.has(before) ? 'secret' : undefined;
  return SECRETS.has(last) || SECRET_TAIL.test(last) ? 'secret' : undefined;
};

/** The built-in names. The last word decides: `token_type` is none. */
export const sensitivityOf: SensitivityOf = (name) => {
  if (!MAYBE.test(name)) return undefined;
  const words = wordsOf(name);
  while (words.length > 1 && TRAILERS.has(words.at(-1) ?? '')) words.pop();
  return judge(words.at(-1) ?? '', words.at(-2) ?? '');
};

/** Case and separators do not count, and what stands before a dot is a path: `user.employeeId` is `employee_id`. */
const spellingOf = (name: string): string => wordsOf(name.slice(name.lastIndexOf('.') + 1)).join(' ');

/** The built-in names, and those of the user, under which everything is a secret. */
export const createSensitivity = (userKeys: readonly string[]): SensitivityOf => {
  if (userKeys.length === 0) return remembering(sensitivityOf);
  const spellings = new Set(userKeys.map(spellingOf));
  return remembering((name) => (spellings.has(spellingOf(name)) ? 'password' : sensitivityOf(name)));
};

/** The words of which each name has one that is sensitive to these rules. */
export const nameWords = (userKeys: readonly string[]): string[] => [
  ...NAME_WORDS,
  ...userKeys.map((key) => spellingOf(key).split(' ')[0] ?? ''),
];

/** OpenTelemetry's list of query keys (semantic conventions 1.45, `url.full`), and `key`, which Google's APIs use. */
const QUERY_KEYS = new Set(
  'x-amz-signature x-amz-credential awsaccesskeyid signature sig x-goog-signature x-goog-credential key'.split(
    ' ',
  ),
);

/** Whether a query key is one of those. Stricter than the standard, which compares case. */
export const isSensitiveQueryKey = (name: string): boolean => QUERY_KEYS.has(name.toLowerCase());
