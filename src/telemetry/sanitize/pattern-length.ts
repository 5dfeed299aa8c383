/** Why a pattern of the operator cannot be used; `at` counts its characters from 0. */
export class PatternProblem extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** How few and how many characters a pattern can match. */
interface Length {
  readonly min: number;
  readonly max: number;
}

/** A pattern, and how far it was read. */
interface Cursor {
  readonly source: string;
  at: number;
}

const ONE: Length = { min: 1, max: 1 };
const NONE: Length = { min: 0, max: 0 };
const MAX_NESTING = 32;
const GROUP_START = /\((?:\?(?:[a-z]*:|P?<\w+>|[a-z]+\)))?/y;
const CLASS = /\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]/sy;
const ESCAPE =
  /\\(?:[dDsSwWntrfv]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]{1,6}\}|[pP]\{\^?\w+\}|[pP]\w|[^A-Za-z0-9])/sy;
const REPEAT = /\{(\d+)(?:(,)(\d*))?\}/y;

const fail = (message: string, { at }: Cursor): never => {
  throw new PatternProblem(message, at);
};

const next = ({ source, at }: Cursor): string => source.charAt(at);

/** Reads what a sticky pattern matches here, or nothing. */
const take = (cursor: Cursor, pattern: RegExp): RegExpExecArray | null => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.source);
  cursor.at += found?.[0].length ?? 0;
  return found;
};

const readTimes = (cursor: Cursor): Length => {
  const character = next(cursor);
  if (character === '*' || character === '+')
    return fail(`${character} has no upper bound: write {0,32} or {1,32}, say`, cursor);
  if (take(cursor, /\?/y)) return { min: 0, max: 1 };
  const start = { ...cursor };
  const found = take(cursor, REPEAT);
  if (!found) return ONE;
  const [, min, comma, max = ''] = found;
  if (comma && max === '') return fail('{n,} has no upper bound: write {1,32}, say', start);
  return { min: Number(min), max: Number(comma ? max : min) };
};

/** An item with the repeat behind it. A question mark behind that asks for the shortest match. */
const repeated = (cursor: Cursor, length: Length): Length => {
  const times = readTimes(cursor);
  if (times !== ONE) take(cursor, /\?/y);
  if (times !== ONE && /[*+?{]/.test(next(cursor))) fail('a repeat of a repeat', cursor);
  return { min: length.min * times.min, max: length.max * times.max };
};

const readGroup = (cursor: Cursor, depth: number): Length => {
  if (depth > MAX_NESTING) fail(`more than ${MAX_NESTING} groups in each other`, cursor);
  const start = { ...cursor };
  const opening = take(cursor, GROUP_START)?.[0] ?? '';
  if (opening === '(' && next(cursor) === '?')
    fail(
      'only (…), (?:…), (?<name>…) and flags such as (?i) are supported: nothing that looks around',
      start,
    );
  // Flags alone, such as `(?i)`.
  if (opening.endsWith(')')) return NONE;
  const length = readAlternatives(cursor, depth + 1);
  if (!take(cursor, /\)/y)) fail('a group is not closed', start);
  return repeated(cursor, length);
};

const readItem = (cursor: Cursor, depth: number): Length => {
  const character = next(cursor);
  if (character === '(') return readGroup(cursor, depth);
  if (character === '^' || character === '$')
    fail(`${character} is not supported: a text may arrive in pieces`, cursor);
  if (/[*+?]/.test(character)) fail(`nothing stands before ${character}`, cursor);
  if (character === '[') take(cursor, CLASS) ?? fail('a class is not closed', cursor);
  else if (character === '\\')
    take(cursor, ESCAPE) ?? fail('not supported: neither \\b nor references to groups', cursor);
  else take(cursor, /./suy);
  return repeated(cursor, ONE);
};

const readSequence = (cursor: Cursor, depth: number): Length => {
  let length = NONE;
  while (cursor.at < cursor.source.length && !/[|)]/.test(next(cursor))) {
    const item = readItem(cursor, depth);
    length = { min: length.min + item.min, max: length.max + item.max };
  }
  return length;
};

const readAlternatives = (cursor: Cursor, depth: number): Length => {
  let length = readSequence(cursor, depth);
  while (take(cursor, /\|/y)) {
    const other = readSequence(cursor, depth);
    length = { min: Math.min(length.min, other.min), max: Math.max(length.max, other.max) };
  }
  return length;
};

/**
 * How long a match of a pattern can be.
 *
 * @throws PatternProblem where it has no upper bound, or uses what depends on the text around a match
 */
export const lengthOf = (source: string): Length => {
  const cursor = { source, at: 0 };
  const length = readAlternatives(cursor, 0);
  if (cursor.at < source.length) fail('a group is closed that was not opened', cursor);
  return length;
};
