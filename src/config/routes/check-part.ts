import type { z } from 'zod';
import type { Path, RoutesDocument } from './document.ts';
import { KEYS, unknownKey } from './schema.ts';

/** A part of the file: its value, and where it stands. */
export interface FilePart {
  readonly document: RoutesDocument;
  readonly path: Path;
  readonly value: unknown;
}

type Issue = z.core.$ZodIssue;

/** Which keys a map may have that stands below the part. */
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

/** Reads a part by its schema, and tells of all that is wrong with it; null then. `keys`: those that it may have. */
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
