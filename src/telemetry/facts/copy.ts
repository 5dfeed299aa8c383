import { boundPayload } from '../bound.ts';
import { createJsonRules } from '../sanitize/json.ts';
import { type Fact, FORM } from './ops.ts';
import { Piece } from './piece.ts';

/** A payload as it is handed over: its form and the two fields of that. */
export interface Copied {
  readonly form: number;
  readonly a: Fact;
  readonly b: Fact;
}

/** No payload. */
export const NOTHING: Copied = { form: FORM.none, a: null, b: null };

/** A deep copy of plain values, bounded and safe with cycles and getters that throw, in which nothing is redacted. */
const toPlainCopy = createJsonRules({
  sensitivityOf: () => undefined,
  cleanText: (text) => text,
  holdsKnown: () => false,
}).value;

/** The prototype of what JSON shows whole. */
const isPlainObject = (value: object): boolean =>
  Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

interface Look {
  hasPieces: boolean;
  isOdd: boolean;
}

/** Looks for what JSON does not show as the sanitizer does. What is deeper or longer than a payload may be has been cut before. */
const look = (value: unknown, found: Look): void => {
  if (typeof value !== 'object') {
    if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol')
      found.isOdd = true;
  } else if (value instanceof Piece) found.hasPieces = true;
  else if (value !== null) {
    if (!isPlainObject(value) || typeof (value as { toJSON?: unknown }).toJSON === 'function')
      found.isOdd = true;
    else for (const part of Object.values(value)) look(part, found);
  }
};

const stringify = (value: unknown): Copied => {
  const found: Look = { hasPieces: false, isOdd: false };
  look(value, found);
  if (found.isOdd && !found.hasPieces)
    return { form: FORM.json, a: JSON.stringify(toPlainCopy(value)), b: null };
  return { form: found.hasPieces ? FORM.marked : FORM.json, a: JSON.stringify(value), b: null };
};

/** Copies a payload, as large as an event may need it: who hands it over may change it from now on. */
export const copyPayload = (value: unknown): Copied => {
  if (value === undefined) return NOTHING;
  const bounded = boundPayload(value);
  if (typeof bounded === 'string') {
    const isCut = bounded !== value;
    return { form: FORM.text, a: bounded, b: isCut ? Buffer.byteLength(value as string) : 0 };
  }
  try {
    return stringify(bounded);
  } catch {
    // Getters that throw and cycles are shown as the sanitizer shows them.
    return { form: FORM.json, a: JSON.stringify(toPlainCopy(bounded)), b: null };
  }
};
