import type { FakeSecret } from '../telemetry/sanitize-secrets.ts';
import { ALL_SECRETS } from '../telemetry/shaped-secrets.ts';

/** A secret to plant: its text, and the part of it that must never show. */
export type CanarySecret = FakeSecret;

/** What is a secret by all of its words shows some of them where it is cut between two. */
export const needsItsEnd = ({ what }: FakeSecret): boolean => /phrase|several words|in groups/.test(what);

/** What of a secret stays as it is: rules know it by how it begins. */
const KEPT_CHARS = 16;
const MIN_ROTATED = 12;

const rotate = (text: string, by: number): string => {
  const within = (first: string, size: number) => (char: string) =>
    String.fromCharCode(((char.charCodeAt(0) - first.charCodeAt(0) + by) % size) + first.charCodeAt(0));
  return text
    .replace(/[a-z]/g, within('a', 26))
    .replace(/[A-Z]/g, within('A', 26))
    .replace(/\d/g, within('0', 10));
};

/** Another secret of the same format: letters become other letters, behind its beginning. Null where the format has none to change. */
const anotherOf = ({ what, text, secret }: FakeSecret, round: number): FakeSecret | null => {
  const rest = secret.slice(KEPT_CHARS);
  // Numbers may have check digits, and what is encoded has to be decodable.
  if (text.startsWith('Basic ') || (rest.match(/[A-Za-z]/g) ?? []).length < MIN_ROTATED || /\\n/.test(rest))
    return null;
  const changed = secret.slice(0, KEPT_CHARS) + rotate(rest, round);
  return { what: `${what}, once more (${round})`, text: text.replace(secret, changed), secret: changed };
};

/** At least so many different secrets: each of the sanitizer's own list, and others of the same formats. */
export const canarySecrets = (count: number): readonly CanarySecret[] => {
  const secrets = [...ALL_SECRETS];
  for (let round = 1; secrets.length < count && round < 26; round++) {
    for (const each of ALL_SECRETS) {
      const other = anotherOf(each, round);
      if (other && secrets.length < count) secrets.push(other);
    }
  }
  // Those that hide all that follows them come last.
  const isOpenEnded = ({ text }: FakeSecret): boolean => text.includes('\n') && !/-----END/.test(text);
  return [...secrets.filter((each) => !isOpenEnded(each)), ...secrets.filter(isOpenEnded)];
};

const WINDOW = 8;
const TABLE = 1 << 16;
const slot = (first: number, second: number): number => ((first << 8) ^ second) & (TABLE - 1);

/** The parts to look for: as they are and as JSON spells them, without a beginning that is the name of the format. */
const partsOf = ({ secret }: CanarySecret): string[] =>
  [...new Set([secret, JSON.stringify(secret).slice(1, -1)])].map((part) =>
    part.slice(part.length > KEPT_CHARS + WINDOW ? KEPT_CHARS : 0),
  );

/**
 * Looks for any eight characters in a row of any secret, in one pass over the bytes, of which there may be many millions.
 *
 * @returns what finds the secrets of which a part stands in a text
 */
export const createSearch = (secrets: readonly CanarySecret[]): ((bytes: string) => string[]) => {
  const windows = new Map<string, Set<string>>();
  const begins = new Uint8Array(TABLE);
  for (const secret of secrets) {
    for (const part of partsOf(secret)) {
      for (let at = 0; at + WINDOW <= part.length; at++) {
        const window = part.slice(at, at + WINDOW);
        const whats = windows.get(window) ?? new Set();
        windows.set(window, whats.add(secret.what));
        begins[slot(window.charCodeAt(0), window.charCodeAt(1))] = 1;
      }
    }
  }
  return (bytes) => {
    const found = new Set<string>();
    for (let at = 0; at + WINDOW <= bytes.length; at++) {
      if (begins[slot(bytes.charCodeAt(at), bytes.charCodeAt(at + 1))] === 0) continue;
      for (const what of windows.get(bytes.slice(at, at + WINDOW)) ?? []) found.add(what);
    }
    return [...found];
  };
};
