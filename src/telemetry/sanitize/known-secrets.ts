import { REDACTED } from './rule.ts';
import type { TextRules, TextSanitizer } from './scanner.ts';

/** A shorter text is often a plain word: `ollama` and `EMPTY` are used as keys too. */
const MIN_CHARS = 8;
/** Only the beginning of a longer secret is searched for: the rest is useless without it. */
const MAX_CHARS = 4_096;
/** How many secrets of requests are remembered; the oldest are forgotten. */
const MAX_PASSING = 256;
/** The schemes of `Authorization`, which are no secrets. */
const SCHEME = /^(?:Bearer|Basic|Token|Bot|ApiKey|Api-Key|Key)\s+/i;

/** Redacts texts that are known to be secret, such as the keys of the configuration. */
export interface KnownSecrets {
  /** Adds secrets of the configuration, which are never forgotten. */
  keep(secrets: Iterable<string>): void;
  /** Adds the secret of a request, which is forgotten after `MAX_PASSING` others. */
  pass(secret: string): void;
  /** Wraps rules so that known secrets are redacted first: another rule might hide only a part of one. */
  before(rules: TextRules): TextRules;
}

/** The forms of a secret in plain text, in JSON and in a URL. */
const spellingsOf = (secret: string): string[] => {
  const text = secret.replace(SCHEME, '').trim().slice(0, MAX_CHARS);
  return text.length < MIN_CHARS
    ? []
    : [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text.toWellFormed())];
};

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** A search for all current secrets. */
interface Search {
  readonly pattern: RegExp;
  /** The index where a possible beginning of a secret starts at the end of the text; the text's length if there is none. */
  heldFrom(text: string, from: number): number;
}

const createSearch = (secrets: ReadonlySet<string>): Search | null => {
  if (secrets.size === 0) return null;
  // Longer secrets first, since a shorter one may be the beginning of a longer one.
  const sorted = [...secrets].sort((one, other) => other.length - one.length);
  const byFirst = Map.groupBy(sorted, (secret) => secret.charAt(0));
  const longest = sorted[0]?.length ?? 0;
  return {
    pattern: new RegExp(sorted.map(escaped).join('|'), 'g'),
    heldFrom(text, from) {
      for (let at = Math.max(from, text.length - longest + 1); at < text.length; at++) {
        const end = text.slice(at);
        const isBegun = (secret: string) => secret.length > end.length && secret.startsWith(end);
        if (byFirst.get(text.charAt(at))?.some(isBegun)) return at;
      }
      return text.length;
    },
  };
};

/** Redacts one text that comes in pieces. */
const createStream = (current: () => Search | null): TextSanitizer => {
  let rest = '';

  const take = (delta: string, final: boolean): string => {
    rest += delta;
    const search = current();
    let out = '';
    let at = 0;
    let end = rest.length;
    if (search) {
      for (;;) {
        end = final ? rest.length : search.heldFrom(rest, at);
        search.pattern.lastIndex = at;
        const hit = search.pattern.exec(rest);
        if (!hit || hit.index >= end) break;
        out += rest.slice(at, hit.index) + REDACTED;
        at = hit.index + hit[0].length;
      }
    }
    out += rest.slice(at, Math.max(at, end));
    rest = rest.slice(Math.max(at, end));
    return out;
  };

  return { push: (delta) => take(delta, false), flush: () => take('', true) };
};

export const createKnownSecrets = (): KnownSecrets => {
  const kept = new Set<string>();
  const passing = new Set<string>();
  let search: Search | null | undefined = null;
  const current = (): Search | null => {
    if (search === undefined) {
      const all = [...kept, ...passing];
      search = createSearch(new Set(all.flatMap(spellingsOf)));
    }
    return search;
  };

  return {
    keep(secrets) {
      for (const secret of secrets) kept.add(secret);
      search = undefined;
    },
    pass(secret) {
      if (kept.has(secret) || passing.has(secret)) return;
      passing.add(secret);
      const [oldest] = passing;
      if (passing.size > MAX_PASSING && oldest !== undefined) passing.delete(oldest);
      search = undefined;
    },
    before: (rules) => ({
      clean(text) {
        const found = current();
        return rules.clean(found ? text.replace(found.pattern, REDACTED) : text);
      },
      stream() {
        const known = createStream(current);
        const others = rules.stream();
        return {
          push: (delta) => others.push(known.push(delta)),
          flush: () => others.push(known.flush()) + others.flush(),
        };
      },
    }),
  };
};
