import type { Pace } from '../../../pace.ts';
import { beginOfSpace, endOfSpace, endOfValue, keyOf } from './json-scan.ts';

/** A change of one member of an object. A duplicate key is changed each time: servers differ in which one they read. */
export type MemberEdit =
  /** Sets the value, whether the member exists or not. */
  | { readonly type: 'set'; readonly value: unknown }
  /** Adds the member if it is missing. */
  | { readonly type: 'add'; readonly value: unknown }
  /** Appends an item to a list. A missing or null member becomes a list of that item; any other value stays. */
  | { readonly type: 'push'; readonly value: unknown }
  /** Changes the members of an object. A missing or null member becomes an object with them; any other value stays. */
  | { readonly type: 'inside'; readonly members: MemberEdits };

export type MemberEdits = Readonly<Record<string, MemberEdit>>;

/** Replaces the bytes from `from` up to, but not including, `to` with `text`. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

interface Value {
  readonly from: number;
  readonly to: number;
}

const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, COMMA, COLON, SMALL_N] = Buffer.from('{}[,:n');

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The value of a member that was missing. */
const newValue = (edit: MemberEdit): unknown => {
  switch (edit.type) {
    case 'set':
    case 'add':
      return edit.value;
    case 'push':
      return [edit.value];
    case 'inside':
      return Object.fromEntries(Object.entries(edit.members).map(([key, inner]) => [key, newValue(inner)]));
  }
};

const replaceBy = ({ from, to }: Value, value: unknown): Replacement => ({
  from,
  to,
  text: JSON.stringify(value),
});

/** Inserts after the last item, which ends at `last`; null if there is none. `from`: the index of the opening bracket. */
const insertBehind = (last: number | null, from: number, text: string): Replacement => {
  const at = last ?? from + 1;
  return { from: at, to: at, text: last === null ? text : `,${text}` };
};

/** Puts an item at the end of a list. */
const pushOnto = (bytes: Uint8Array, { from, to }: Value, item: unknown): Replacement => {
  const last = beginOfSpace(bytes, to - 1);
  return insertBehind(last === from + 1 ? null : last, from, JSON.stringify(item));
};

const editValue = async (
  bytes: Uint8Array,
  value: Value,
  edit: MemberEdit,
  pace: Pace,
): Promise<readonly Replacement[]> => {
  const first = bytes[value.from];
  if (edit.type === 'set') return [replaceBy(value, edit.value)];
  if (edit.type === 'add') return [];
  if (first === SMALL_N) return [replaceBy(value, newValue(edit))];
  if (edit.type === 'inside') {
    return first === OPEN_BRACE ? editObject(bytes, value.from, edit.members, pace) : [];
  }
  if (first !== OPEN_BRACKET) return [];
  return [pushOnto(bytes, value, edit.value)];
};

/** `from`: the index of the object's opening brace. */
const editObject = async (
  bytes: Uint8Array,
  from: number,
  members: MemberEdits,
  pace: Pace,
): Promise<readonly Replacement[]> => {
  const edits = new Map(Object.entries(members));
  const missing = new Map(edits);
  const replacements: Replacement[] = [];
  let last: number | null = null;
  let at = endOfSpace(bytes, from + 1);
  while (at < bytes.length && bytes[at] !== CLOSE_BRACE) {
    const keyEnd = await endOfValue(bytes, at, pace);
    const key = keyOf(bytes, at, keyEnd);
    at = endOfSpace(bytes, keyEnd);
    if (bytes[at] === COLON) at = endOfSpace(bytes, at + 1);
    last = await endOfValue(bytes, at, pace);
    const edit = edits.get(key);
    missing.delete(key);
    if (edit) replacements.push(...(await editValue(bytes, { from: at, to: last }, edit, pace)));
    at = endOfSpace(bytes, last);
    if (bytes[at] === COMMA) at = endOfSpace(bytes, at + 1);
    await pace.rest();
  }
  for (const [key, edit] of missing) {
    const text = `${JSON.stringify(key)}:${JSON.stringify(newValue(edit))}`;
    replacements.push(insertBehind(last, from, text));
    last ??= from + 1;
  }
  return replacements;
};

const splice = (bytes: Uint8Array, replacements: readonly Replacement[]): Uint8Array => {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const { from, to, text } of replacements) {
    pieces.push(bytes.subarray(at, from), Buffer.from(text));
    at = to;
  }
  pieces.push(bytes.subarray(at));
  return Buffer.concat(pieces);
};

/**
 * Changes members of a JSON object in its text. All other bytes stay as they are, so numbers keep their digits and keys
 * their order. New members come last, in the order of `members`. Takes linear time, and rests by `pace`.
 *
 * @param bytes - valid JSON in UTF-8; if it is no object, it is returned unchanged
 */
export const spliceMembers = async (
  bytes: Uint8Array,
  members: MemberEdits,
  pace: Pace,
): Promise<Uint8Array> => {
  const hasMark = BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length));
  const from = endOfSpace(bytes, hasMark ? BYTE_ORDER_MARK.length : 0);
  if (bytes[from] !== OPEN_BRACE) return bytes;
  const replacements = await editObject(bytes, from, members, pace);
  return replacements.length === 0 ? bytes : splice(bytes, replacements);
};
