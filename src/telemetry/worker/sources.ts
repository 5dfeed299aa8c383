import { boundPayload } from '../bound.ts';
import { type Captured, captureSubject, showsSame } from '../capture.ts';
import { type Fact, FORM } from '../facts/ops.ts';
import type { Kind } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';

/** What was still held back of texts, as events show it. */
export type HeldBack = { readonly held_text: string } | { readonly held_chars: number };

/** Finds the piece that a marker in a payload stands for. */
type PieceOf = (texts: number, piece: number) => string;

const isMembers = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value with what was held back; it stands alone where there is no value. */
const withHeld = (value: unknown, held: HeldBack): object => {
  if (value === undefined) return held;
  return isMembers(value) ? { ...value, ...held } : { data: value, ...held };
};

/** Puts the pieces of texts into the places that markers keep for them. */
const fillIn = (value: unknown, marker: string, pieceOf: PieceOf): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const mark = (value as Readonly<Record<string, unknown>>)[marker];
  if (Array.isArray(mark)) return pieceOf(Number(mark[0]), Number(mark[1]));
  for (const [name, part] of Object.entries(value))
    if (typeof part === 'object' && part !== null)
      (value as Record<string, unknown>)[name] = fillIn(part, marker, pieceOf);
  return value;
};

/** A payload that was handed over, for one or more events. */
export interface HandedSource {
  /** What an event of this kind shows of it. */
  captured(
    kind: Kind,
    about: Readonly<Record<string, unknown>> | undefined,
    route: string | null,
  ): Captured | null;
}

/** Keeps what was captured, where it is the same for every event. */
const createSource = (policy: CapturePolicy, read: () => unknown, wholeBytes = 0): HandedSource => {
  let same: Captured | null = null;
  return {
    captured(kind, about, route) {
      if (same && about === undefined) return same;
      const captured = captureSubject(policy, kind, { payload: read(), about, wholeBytes }, route);
      if (showsSame(policy) && about === undefined) same = captured;
      return captured;
    },
  };
};

/** A value of this form, with what was held back of texts. */
const valueIn = (form: number, a: Fact, marker: string, pieceOf: PieceOf): unknown => {
  switch (form) {
    case FORM.text:
      return a;
    case FORM.json:
      return JSON.parse(a as string);
    case FORM.marked:
      return boundPayload(fillIn(JSON.parse(a as string), marker, pieceOf));
    default:
      return undefined;
  }
};

interface SourceParts {
  readonly form: number;
  readonly a: Fact;
  readonly b: Fact;
  readonly held: HeldBack | null;
}

/** A payload; null where there is neither a value nor anything that was held back. */
export const sourceOf = (
  policy: CapturePolicy,
  { form, a, b, held }: SourceParts,
  marker: string,
  pieceOf: PieceOf,
): HandedSource | null => {
  if (form === FORM.none && !held) return null;
  const value = (): unknown => valueIn(form, a, marker, pieceOf);
  return createSource(
    policy,
    () => (held ? withHeld(value(), held) : value()),
    form === FORM.text ? (b as number) : 0,
  );
};

/** A frame: captured the cheap way where there is one, else as a whole. */
export const frameSource = (
  policy: CapturePolicy,
  cheaply: ((kind: Kind) => Captured | null) | null,
  json: () => string,
): HandedSource => {
  const whole = createSource(policy, () => {
    try {
      return boundPayload(JSON.parse(json()));
    } catch {
      return '[unreadable]';
    }
  });
  if (!cheaply) return whole;
  return {
    captured: (kind, about, route) =>
      (about === undefined ? cheaply(kind) : null) ?? whole.captured(kind, about, route),
  };
};
