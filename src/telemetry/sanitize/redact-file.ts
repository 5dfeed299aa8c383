import { readFile } from 'node:fs/promises';
import type { Document, LineCounter, Node, Scalar } from 'yaml';
import { compilePatterns, MAX_PATTERNS, type UserRules } from './user-patterns.ts';

/** A file of rules that cannot be used: the message says where, by line and column. */
export class RedactFileError extends Error {
  constructor(path: string, place: { line: number; col: number } | null, problem: string) {
    super(place ? `${path}:${place.line}:${place.col}: ${problem}` : `${path}: ${problem}`);
    this.name = 'RedactFileError';
  }
}

/** The rules as they stand in the file: what another process is handed. */
export interface RuleSources {
  readonly keys: readonly string[];
  readonly patterns: readonly string[];
}

const MAX_BYTES = 64 * 1024;
const MAX_KEYS = 1_000;
const KEY = /^[A-Za-z][\w.-]{1,63}$/;
/** Names that our own records cannot do without. */
const OWN_NAMES = new Set(
  'req_id trace_id span_id parent_span_id phase kind direction route method mode outcome status_code ts time_ns seq type payload otlp name'.split(
    ' ',
  ),
);
const LISTS = ['keys', 'patterns'];

const readText = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RedactFileError(path, null, `cannot be read (${error.code ?? error.message})`);
  });
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new RedactFileError(path, null, `larger than ${MAX_BYTES / 1024} KiB`);
  return text;
};

type Fail = (node: { range?: readonly number[] | null } | null | undefined, problem: string) => never;

interface Parsed {
  readonly document: Document;
  readonly fail: Fail;
}

const parse = async (path: string, text: string): Promise<Parsed> => {
  // Loaded for those who have such a file: the others start without it.
  const { LineCounter, parseDocument } = await import('yaml');
  const lines: LineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail: Fail = (node, problem) => {
    throw new RedactFileError(path, lines.linePos(node?.range?.[0] ?? 0), problem);
  };
  const [error] = document.errors;
  if (error) fail({ range: error.pos }, error.message);
  return { document, fail };
};

/** The texts of one list; each must be one. */
const readList = async ({ document, fail }: Parsed, name: string): Promise<Scalar<string>[]> => {
  const { isScalar, isSeq } = await import('yaml');
  const list = document.get(name, true) as Node | undefined;
  if (list === undefined || (isScalar(list) && list.value === null)) return [];
  if (!isSeq(list)) return fail(list, `${name} must be a list of texts`);
  return list.items.map((item) => {
    const node = item as Scalar<string>;
    if (isScalar(item) && typeof item.value === 'string') return node;
    return fail(node, `an entry of ${name} must be a text: put it in quotes`);
  });
};

const assertKeys = (keys: readonly Scalar<string>[], { fail }: Parsed): void => {
  if (keys.length > MAX_KEYS) fail(keys[MAX_KEYS], `more than ${MAX_KEYS} keys`);
  for (const key of keys) {
    if (!KEY.test(key.value)) fail(key, 'a key is 2 to 64 of A-Z a-z 0-9 _ . -, and begins with a letter');
    if (OWN_NAMES.has(key.value.toLowerCase()))
      fail(key, `${key.value} is a field of every record: without it none would be found`);
  }
};

const assertShape = async ({ document, fail }: Parsed): Promise<void> => {
  const { isMap, isScalar } = await import('yaml');
  if (!isMap(document.contents))
    return fail(document.contents as Node | null, 'must be a map with keys and patterns');
  for (const { key } of document.contents.items)
    if (!isScalar(key) || !LISTS.includes(String(key.value)))
      fail(key as Node, `only ${LISTS.join(' and ')} are known here`);
};

/** Rules ready for use, and as they were written. */
export interface RedactFile {
  readonly sources: RuleSources;
  readonly rules: UserRules;
}

/** Makes rules usable that were read, and checked, by another process. */
export const compileRules = async ({ keys, patterns }: RuleSources): Promise<UserRules> => ({
  keys,
  patterns: await compilePatterns(patterns, (problem) => {
    throw problem;
  }),
});

/**
 * Reads the file that `PROXY_REDACT_FILE` names: YAML with `keys`, a list of names, and `patterns`, a list of regular expressions.
 *
 * @throws RedactFileError with line and column of the first thing that is wrong
 */
export const readRedactFile = async (path: string): Promise<RedactFile> => {
  const parsed = await parse(path, await readText(path));
  await assertShape(parsed);
  const [keyNodes, patternNodes] = [await readList(parsed, 'keys'), await readList(parsed, 'patterns')];
  assertKeys(keyNodes, parsed);
  if (patternNodes.length > MAX_PATTERNS)
    parsed.fail(patternNodes[MAX_PATTERNS], `more than ${MAX_PATTERNS} patterns`);
  const keys = keyNodes.map(({ value }) => value);
  const sources = { keys, patterns: patternNodes.map(({ value }) => value) };
  const patterns = await compilePatterns(sources.patterns, (problem, index) => {
    const [start = 0] = patternNodes[index]?.range ?? [];
    // Behind the quote where there is one: escapes in double quotes may still move it a little.
    const quoted = patternNodes[index]?.type === 'PLAIN' ? 0 : 1;
    return parsed.fail({ range: [start + quoted + problem.at] }, problem.message);
  });
  return { sources, rules: { keys, patterns } };
};
