import { type AttributeRules, createAttributeRules } from './sanitize/attributes.ts';
import { createJsonRules } from './sanitize/json.ts';
import { createSensitivity, nameWords } from './sanitize/keys.ts';
import { createKnownSecrets, type KnownSecrets } from './sanitize/known-secrets.ts';
import { createDescribe, type Description } from './sanitize/payload.ts';
import { createTextRules, type TextSanitizer } from './sanitize/scanner.ts';
import { TABLE } from './sanitize/table.ts';
import { NO_USER_RULES, type UserRules, withUserPatterns } from './sanitize/user-patterns.ts';

export { REDACTED } from './sanitize/rule.ts';
export type { UserRules } from './sanitize/user-patterns.ts';

/**
 * The one sanitizer: everything that leaves the process (span, mirror, log, usage record) has passed through it. What it looks for is in
 * `sanitize/`: names in `keys.ts`, the rules for texts in `table.ts`, what the operator adds in `user-patterns.ts`.
 */
export interface Sanitizer {
  /** Replaces every secret in a text by `[REDACTED]` (in URLs by `REDACTED`). */
  readonly sanitizeText: (text: string) => string;
  /** For one text that arrives in pieces: a secret can be split over them. */
  readonly createTextSanitizer: () => TextSanitizer;
  /** The same for a text that may be JSON as a whole. */
  readonly sanitizeJsonText: (text: string) => string;
  /** A clean deep copy of a value. */
  readonly sanitizeJson: (value: unknown) => unknown;
  readonly sanitizeHeaders: AttributeRules['headers'];
  readonly sanitizeAttributes: AttributeRules['attributes'];
  readonly isSecretAttribute: AttributeRules['isSecretAttribute'];
  /** Takes these texts for secrets from now on, whatever they look like, where they have eight characters: keys of the configuration. */
  readonly keepSecrets: (secrets: Iterable<string>) => void;
  /** The same for one that came with a request: it is forgotten once hundreds of others have come. */
  readonly passSecret: (secret: string) => void;
  /** The secrets that are known by now, for another thread, which is then told of each new one by a listener. */
  readonly secrets: KnownSecrets['all'];
  readonly onSecret: KnownSecrets['follow'];
  /** Size, hash and shape of a payload, or of what is kept of a large one: no content. */
  readonly describePayload: (value: unknown) => Description;
}

/** Makes the sanitizer of a thread: the built-in rules, and those of the operator. */
export const createSanitizer = (user: UserRules = NO_USER_RULES): Sanitizer => {
  const sensitivityOf = createSensitivity(user.keys);
  const known = createKnownSecrets();
  const text = known.before(
    withUserPatterns(createTextRules(TABLE, sensitivityOf, nameWords(user.keys)), user),
  );
  const rules = { sensitivityOf, cleanText: text.clean, holdsKnown: known.holds };
  const json = createJsonRules(rules);
  const attributes = createAttributeRules(rules, json);
  return {
    sanitizeText: text.clean,
    createTextSanitizer: text.stream,
    sanitizeJsonText: json.text,
    sanitizeJson: json.value,
    sanitizeHeaders: attributes.headers,
    sanitizeAttributes: attributes.attributes,
    isSecretAttribute: attributes.isSecretAttribute,
    keepSecrets: known.keep,
    passSecret: known.pass,
    secrets: known.all,
    onSecret: known.follow,
    describePayload: createDescribe(json.value, text.clean),
  };
};
