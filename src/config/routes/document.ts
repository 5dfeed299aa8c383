import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, visit } from 'yaml';
import { headOf } from '../../cut.ts';
import type { Problems } from './problems.ts';

export type Path = readonly (string | number)[];

/** A parsed file, which can report problems with their line and column. */
export interface RoutesDocument {
  readonly value: unknown;
  /** Reports a problem at the value or the key of a path; if it is missing, at the map that should have it. */
  fail(path: Path, text: string, at?: 'key' | 'value'): void;
  /** Reports a problem of something outside the file that the file names, such as a variable. */
  failOutside(path: Path, text: string): void;
}

/** How often anchors may be used: a few nested ones could make a value of any size. */
const MAX_ALIASES = 100;
const MAX_KEY_CHARS = 64;

const NESTED = 'it is nested too deeply';
/** The parser reports this for each level that it could not enter. */
const TOO_DEEP = /call stack/;

/** A name from the file for a message: in quotes, and cut if it is long. */
export const quoted = (name: unknown): string => {
  const text = String(name);
  return `"${text.length > MAX_KEY_CHARS ? `${headOf(text, MAX_KEY_CHARS)}…` : text}"`;
};

const startOf = (node: unknown): number | undefined =>
  (node as { range?: readonly number[] | null } | null | undefined)?.range?.[0];

const findPair = (node: unknown, key: string | number): Pair | undefined =>
  isMap(node)
    ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))
    : undefined;

/** The offset of a path in the file, or of its last part that exists. */
const placeOf = (document: ReturnType<typeof parseDocument>, path: Path, at: 'key' | 'value'): number => {
  let node: unknown = document.contents;
  let place = startOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    const pair = findPair(node, key);
    const next = pair ? pair.value : isSeq(node) ? node.items[Number(key)] : undefined;
    if (!pair && next === undefined) break;
    const isEnd = index === path.length - 1;
    place =
      (pair && (isEnd && at === 'value' ? startOf(next) : undefined)) ?? startOf(pair?.key ?? next) ?? place;
    node = next;
  }
  return place;
};

/** The parser's message without its quote of the file, which may hold the value of a header. */
const withoutSource = (message: string): string => message.replace(/: ".*$/s, '');

type Fail = (node: unknown, text: string) => void;

/** Checks for duplicate keys, which the parser finds too slowly, and for anchors, which it does not check. */
const checkNodes = (document: ReturnType<typeof parseDocument>, fail: Fail): void => {
  let aliases = 0;
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : '';
        if (seen.has(name)) fail(key, `${quoted(name)} stands here a second time`);
        seen.add(name);
      }
    },
    Alias(_key, alias) {
      if (++aliases > MAX_ALIASES) {
        fail(alias, `anchors may be used ${MAX_ALIASES} times at most`);
        return visit.BREAK;
      }
      if (alias.resolve(document) === undefined) fail(alias, 'there is no such anchor before it');
      return undefined;
    },
  });
};

/** Parses YAML. Returns null if it is not valid, and reports why to `problems`. */
export const parseRoutesDocument = (text: string, problems: Problems): RoutesDocument | null => {
  const lines = new LineCounter();
  const tell = (offset: number, problem: string, isOutside = false): void => {
    const { line, col } = lines.linePos(offset);
    problems.add({ line: Math.max(line, 1), column: Math.max(col, 1), text: problem, isOutside });
  };
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const refusals = [...document.errors, ...document.warnings];
    const tooDeep = refusals.find(({ message }) => TOO_DEEP.test(message));
    if (tooDeep) tell(tooDeep.pos[0], NESTED);
    else for (const { pos, message } of refusals) tell(pos[0], withoutSource(message));
    if (problems.count() > 0) return null;
    checkNodes(document, (node, problem) => tell(startOf(node) ?? 0, problem));
    if (problems.count() > 0) return null;
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return {
      value,
      fail(path, problem, at = 'value') {
        tell(problems.isFull ? 0 : placeOf(document, path, at), problem);
      },
      failOutside: (path, problem) => tell(placeOf(document, path, 'value'), problem, true),
    };
  } catch (thrown) {
    // Nested too deeply, or anchors that name each other too often.
    if (!(thrown instanceof RangeError || thrown instanceof ReferenceError)) throw thrown;
    const reason = thrown instanceof RangeError ? NESTED : 'it uses anchors too often';
    problems.add({ line: 1, column: 1, text: reason });
    return null;
  }
};
