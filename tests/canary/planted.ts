import { canarySecrets, createSearch, needsItsEnd } from '../support/canary-secrets.ts';

/** What is planted into requests and answers, and looked for in everything that leaves. */
export interface Plant {
  /** Prose for this place. */
  text(place: string): string;
  /** A name or an id for this place: no blanks, at most 64 characters. */
  word(place: string): string;
  /** An id or a code that the backend makes: that is no content, and may still be a secret. */
  id(place: string): string;
  /** Several texts for this place, one after another. */
  texts(place: string): string[];
  /** The pieces of one text for this place: its deltas. `ofOneLine`: what has several lines itself is left out. */
  pieces(place: string, ofOneLine: boolean): string[];
  /** What of all that was planted stands in these bytes. */
  found(bytes: string): string[];
  /** Which of these places were planted, and whose mark does not stand in these bytes. */
  missing(bytes: string): string[];
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A word of letters alone, which no rule for secrets knows and nothing else spells. */
const markOf = (number: number): string => {
  const spelled = [...String(number).padStart(4, '0')].map((digit) => LETTERS[Number(digit)]).join('');
  return `zqx${spelled}qz`;
};

/** Text in OTLP's protobuf, in JSON, in JSON inside of JSON and in a URL is all the same: marks are letters. */
const createMarks = () => {
  const places = new Map<string, string>();
  const plant = (place: string): string => {
    const mark = places.get(place) ?? markOf(places.size);
    places.set(place, mark);
    return mark;
  };
  return {
    plant,
    found: (bytes: string): string[] =>
      [...places].filter(([, mark]) => bytes.includes(mark)).map(([place]) => place),
    missing: (bytes: string): string[] =>
      [...places].filter(([, mark]) => !bytes.includes(mark)).map(([place]) => place),
  };
};

const inThrees = (text: string): string[] => text.match(/[\s\S]{1,3}/g) ?? [];

/** Each place gets a word of its own, so that what is found says where it came from. */
export const plantMarks = (): Plant => {
  const { plant, found, missing } = createMarks();
  const text = (place: string): string => `It says ${plant(place)} in words.`;
  return {
    text,
    word: plant,
    id: () => 'id-1',
    texts: (place) => [text(place)],
    pieces: (place) => inThrees(text(place)),
    found,
    missing,
  };
};

const WHOLE = 60;
/** Of one text, so that a payload is not cut before its end. */
const A_TEXT = 6;
/** A piece of a secret is shorter than what is looked for. */
const inFives = (text: string): string[] => text.match(/[\s\S]{1,5}/g) ?? [];

/**
 * A hundred secrets, forty of them for the deltas of an answer. Prose has a mark of its own before them, so that a cell in which nothing
 * was recorded is seen.
 */
export const plantSecrets = (): Plant => {
  const secrets = canarySecrets(100);
  const atOnce = [...secrets].sort((a, b) => Number(needsItsEnd(b)) - Number(needsItsEnd(a)));
  const whole = atOnce.slice(0, WHOLE);
  // Answers are cut as well, anywhere.
  const split = atOnce.slice(WHOLE);
  const tokens = secrets.filter(({ text }) => /^[\w-]{1,64}$/.test(text));
  const marks = createMarks();
  let at = 0;
  let token = 0;
  const word = (): string => tokens[token++ % tokens.length]?.text ?? '';
  return {
    word,
    id: word,
    text(place) {
      const some = Array.from({ length: A_TEXT }, () => secrets[at++ % secrets.length]?.text);
      return [marks.plant(place), ...some].join('\n');
    },
    texts: (place) => [marks.plant(place), ...whole.map(({ text }) => text)],
    pieces(place, ofOneLine) {
      const shown = ofOneLine ? split.filter(({ text }) => !text.includes('\n')) : split;
      return [marks.plant(place), '\n', ...shown.flatMap(({ text }) => [...inFives(text), '\n'])];
    },
    found: createSearch(secrets),
    missing: marks.missing,
  };
};
