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

/** A secret that is known by now. */
export interface KnownSecret {
  readonly secret: string;
  /** Whether it is never forgotten. */
  readonly isKept: boolean;
}

/** Redacts texts that are known to be secret, such as the keys of the configuration. */
export interface KnownSecrets {
  /** All that are known, the oldest first. */
  all(): readonly KnownSecret[];
  /** Is told of each that becomes known from now on. */
  follow(listener: (secret: string, isKept: boolean) => void): void;
  /** Adds secrets of the configuration, which are never forgotten. */
  keep(secrets: Iterable<string>): void;
  /** Adds the secret of a request, which is forgotten after `MAX_PASSING` others. */
  pass(secret: string): void;
  /** Whether one of them stands in a text. */
  holds(text: string): boolean;
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

/** A search for all current secrets. */
interface Search {
  /** The first secret that begins at `from` or later; of two at one place the longer one. */
  next(text: string, from: number): { readonly at: number; readonly end: number } | undefined;
  /** The index where a possible beginning of a secret starts at the end of the text; the text's length if there is none. */
  heldFrom(text: string): number;
}

/** Of its newest four characters a hash of 12 bits knows something, of those before nothing. */
const HASHED = 4;
const SHIFT = 3;
const HASHES = 4096;

const hashOf = (secret: string): number => {
  let hash = 0;
  for (let at = 0; at < HASHED; at++) hash = ((hash << SHIFT) ^ secret.charCodeAt(at)) & (HASHES - 1);
  return hash;
};

const createSearch = (secrets: ReadonlySet<string>): Search | null => {
  if (secrets.size === 0) return null;
  // Longer secrets first, since a shorter one may be the beginning of a longer one.
  const sorted = [...secrets].sort((one, other) => other.length - one.length);
  const byFirst = Map.groupBy(sorted, (secret) => secret.charCodeAt(0));
  const byHash = Map.groupBy(sorted, hashOf);
  const begins = Uint8Array.from({ length: HASHES }, (_, hash) => Number(byHash.has(hash)));
  const longest = sorted[0]?.length ?? 0;

  /** The first place from `least` on whose newest characters may begin a secret. Nothing is called in this loop: every text goes through. */
  const candidate = (text: string, least: number): number => {
    let hash = 0;
    for (let at = least - HASHED + 1; at < text.length; at++) {
      hash = ((hash << SHIFT) ^ text.charCodeAt(at)) & (HASHES - 1);
      if (begins[hash] !== 0 && at >= least) return at;
    }
    return -1;
  };

  return {
    next(text, from) {
      if (text.length - from < MIN_CHARS) return undefined;
      for (let last = candidate(text, from + HASHED - 1); last >= 0; last = candidate(text, last + 1)) {
        const at = last - HASHED + 1;
        const found = byHash
          .get(hashOf(text.slice(at, last + 1)))
          ?.find((secret) => text.startsWith(secret, at));
        if (found) return { at, end: at + found.length };
      }
      return undefined;
    },
    heldFrom(text) {
      for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
        const begun = byFirst.get(text.charCodeAt(at));
        if (!begun) continue;
        const end = text.slice(at);
        if (begun.some((secret) => secret.length > end.length && secret.startsWith(end))) return at;
      }
      return text.length;
    },
  };
};

/** Redacts one text that comes in pieces. */
const createStream = (current: () => Search | null): TextSanitizer => {
  let rest = '';
  const take = (delta: string, isFinal: boolean): string => {
    rest = rest === '' ? delta : rest + delta;
    const search = current();
    let out = '';
    for (;;) {
      const end = isFinal || !search ? rest.length : search.heldFrom(rest);
      const hit = search?.next(rest, 0);
      if (!hit || hit.at >= end) {
        out += rest.slice(0, end);
        rest = rest.slice(end);
        return out;
      }
      out += rest.slice(0, hit.at) + REDACTED;
      rest = rest.slice(hit.end);
    }
  };
  return { push: (delta) => take(delta, false), flush: () => take('', true) };
};

const redact = (search: Search, text: string): string => {
  let out = '';
  let at = 0;
  for (let hit = search.next(text, 0); hit; hit = search.next(text, at)) {
    out += text.slice(at, hit.at) + REDACTED;
    at = hit.end;
  }
  return at === 0 ? text : out + text.slice(at);
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

  let tell: (secret: string, isKept: boolean) => void = () => undefined;

  return {
    all: () => [
      ...[...kept].map((secret) => ({ secret, isKept: true })),
      ...[...passing].map((secret) => ({ secret, isKept: false })),
    ],
    follow(listener) {
      tell = listener;
    },
    keep(secrets) {
      for (const secret of secrets) {
        kept.add(secret);
        tell(secret, true);
      }
      search = undefined;
    },
    pass(secret) {
      if (kept.has(secret) || passing.has(secret)) return;
      passing.add(secret);
      tell(secret, false);
      const [oldest] = passing;
      if (passing.size > MAX_PASSING && oldest !== undefined) passing.delete(oldest);
      search = undefined;
    },
    holds: (text) => current()?.next(text, 0) !== undefined,
    before: (rules) => ({
      clean(text) {
        const found = text.length < MIN_CHARS ? null : current();
        return rules.clean(found ? redact(found, text) : text);
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
