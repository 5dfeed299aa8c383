import type { z } from 'zod';
import type { Path, RoutesDocument } from './document.ts';
import { KEYS, unknownKey } from './schema.ts';

/** A part of the file: its value and its path. */
export interface FilePart {
  readonly document: RoutesDocument;
  readonly path: Path;
  readonly value: unknown;
}

type Issue = z.core.$ZodIssue;

/** The keys that a map below the part may have. */
const knownBelow = (path: Path, own: readonly string[]): readonly string[] => {
  if (path.length === 0) return own;
  return path[0] === 'timeouts' ? KEYS.timeouts : KEYS.weighted;
};

const tell = ({ document, path }: FilePart, issue: Issue, keys: readonly string[]): void => {
  const inPart = issue.path as Path;
  const whole = [...path, ...inPart];
  if (issue.code === 'unrecognized_keys') {
    const known = knownBelow(inPart, keys);
    for (const key of issue.keys) document.fail([...whole, key], unknownKey(key, known), 'key');
    return;
  }
  const at = issue.code === 'custom' && issue.params?.['at'] === 'key' ? 'key' : 'value';
  const name = inPart.at(-1) ?? path.at(-1);
  document.fail(whole, typeof name === 'string' ? `${name} ${issue.message}` : issue.message, at);
};

/** Parses a part by its schema. Reports each problem, and then returns null. `keys`: those that the part may have. */
export const readPart = <Value>(
  part: FilePart,
  schema: z.ZodType<Value>,
  keys: readonly string[],
): Value | null => {
  const read = schema.safeParse(part.value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) tell(part, issue, keys);
  return null;
};
