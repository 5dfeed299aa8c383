import { type Captured, captureSubject } from '../capture.ts';
import type { Kind } from '../phases.ts';
import type { CapturePolicy } from '../policy/index.ts';
import { measure } from '../sanitize/payload.ts';
import type { Sanitizer } from '../sanitize.ts';

/** What the sanitizer leaves of the JSON around a piece of text; null where that depends on the piece. */
export interface CleanAround {
  readonly before: string;
  readonly after: string;
}

/** Names whose values say what the value beside them is: around such a piece nothing can be cleaned once for all. */
const NAMING =
  /^(?:name|key|header|field|variable|parameterkey|type|kind|logprob|description|\$ref|anyOf|oneOf|enum)$/i;

/** Larger frames may have to be cut as a whole. */
const MAX_CHEAP_CHARS = 4_000;

/** Stands in the place of the piece: plain to every rule for texts, secret under every sensitive name. */
const PROBE = 'quiet placeholder 7c1e between two pieces';
const PROBE_JSON = JSON.stringify(PROBE);

/** The name under which the probe stands, the names above included; null where it does not stand anywhere. */
const namesOf = (value: unknown): string[] | null => {
  if (value === PROBE) return [];
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, part] of Object.entries(value)) {
    const found = namesOf(part);
    if (found) return [name, ...found];
  }
  return null;
};

/** Cleans what stands around the pieces of a text: once, where every frame has the same. */
export const cleanAround = (
  before: string,
  after: string,
  { sanitizeJson }: Sanitizer,
): CleanAround | null => {
  if (before.length + after.length > MAX_CHEAP_CHARS) return null;
  try {
    const frame: unknown = JSON.parse(before + PROBE_JSON + after);
    const names = namesOf(frame);
    if (!names || names.some((name) => NAMING.test(name))) return null;
    const parts = JSON.stringify(sanitizeJson(frame)).split(PROBE_JSON);
    const [cleanBefore, cleanAfter] = parts;
    if (parts.length !== 2 || cleanBefore === undefined || cleanAfter === undefined) return null;
    return { before: cleanBefore, after: cleanAfter };
  } catch {
    return null;
  }
};

/** The whole frame, from a piece that is safe to show; null for one that is too long for this. */
export const cheapFrame = (
  { before, after }: CleanAround,
  piece: string,
  { sanitizeJsonText }: Sanitizer,
): Captured | null => {
  if (piece.length > MAX_CHEAP_CHARS) return null;
  // The piece by itself passes once more, as every text of a payload does.
  const json = before + JSON.stringify(sanitizeJsonText(piece)) + after;
  return { json, text: json };
};

/** The JSON around size and hash in the description of a frame. */
export interface DescribedAround {
  readonly before: string;
  readonly after: string;
}

const sizeAndHash = (clean: string): string => {
  const { bytes, sha256 } = measure(clean);
  return `"bytes":${bytes},"sha256":"${sha256}"`;
};

/** Describes the frames around the pieces of a text: in size and hash alone they differ. Null where they may differ in more. */
export const describeAround = (
  before: string,
  after: string,
  clean: CleanAround,
  policy: CapturePolicy,
  kind: Kind,
): DescribedAround | null => {
  const frame: unknown = JSON.parse(before + PROBE_JSON + after);
  const described = captureSubject(policy, kind, { payload: frame }, null)?.json ?? '';
  const parts = described.split(sizeAndHash(clean.before + PROBE_JSON + clean.after));
  const [head, tail] = parts;
  return parts.length === 2 && head !== undefined && tail !== undefined
    ? { before: head, after: tail }
    : null;
};

/** The description of a frame. `clean`: its JSON, cleaned. */
export const describedFrame = ({ before, after }: DescribedAround, clean: string): Captured => {
  const json = before + sizeAndHash(clean) + after;
  return { json, text: json };
};
