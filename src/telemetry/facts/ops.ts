import type { Attributes, HrTime } from '@opentelemetry/api';
import { type EventPlace, KINDS, type Kind, SERVER_REQUEST, SERVER_REQUEST_ANSWER } from '../phases.ts';

/**
 * What the thread that serves requests hands to telemetry: one flat list of facts, each an operation and its fields. Primitives in one flat
 * list are what the structured clone of `postMessage` copies fastest.
 */
export type Fact = unknown;

/** The operations, each with the fields that follow it. */
export const OP = {
  /** A span whose events follow: ref, scope, trace id, span id, isSampled, hasEnded, req id, route, method. */
  span: 0,
  /** An event of a span: ref, what (`packEvent`), nanoseconds, status code or -1, about as JSON or null, form, its two fields. */
  event: 1,
  /** An event that an instrumentation added by itself: ref of the span, isApart, name, time, attributes, what the span says of its request. */
  foreign: 2,
  /** A span has ended: its facts. */
  end: 3,
  /** An event of no span and no request: kind, nanoseconds, form, its two fields. */
  nobody: 4,
  /** The texts of an answer begin: ref, scope, whether pieces of them were lost before. */
  texts: 5,
  /** A piece of a text that stands inside a payload: texts, number of the text, the piece, how many more characters it had. Counted from 0 for each of the texts. */
  delta: 6,
  /** A payload that is a piece of a text between two pieces of JSON: scope, texts, number of the text, before, piece, after, how many more characters the piece had; null: as before. */
  frame: 7,
  /** What is held back of texts is told: texts, isWhole. */
  rest: 8,
  /** A payload that events will name: scope, form, its two fields, the texts whose rest it shows or 0. */
  payload: 9,
  /** Nothing of this scope comes any more: scope. */
  forget: 10,
  /** A secret that is never forgotten. */
  keepSecret: 11,
  /** The secret of a request. */
  passSecret: 12,
  /** Lines that were lost before they came here: isApart, how many. */
  lost: 13,
} as const;

const FIELDS: Readonly<Record<keyof typeof OP, number>> = {
  span: 9,
  event: 8,
  foreign: 6,
  end: 2,
  nobody: 5,
  texts: 3,
  delta: 4,
  frame: 7,
  rest: 2,
  payload: 5,
  forget: 1,
  keepSecret: 1,
  passSecret: 1,
  lost: 2,
};

/** How many places of the list an operation takes, with its fields, by its number. */
export const LENGTHS: readonly number[] = Object.entries(OP)
  .sort(([, a], [, b]) => a - b)
  .map(([name]) => 1 + FIELDS[name as keyof typeof OP]);

/** How a payload is handed over. */
export const FORM = {
  none: 0,
  /** A text, and the bytes of the whole where it was cut, else 0. */
  text: 1,
  json: 2,
  /** JSON in which objects with the marker's name stand for pieces of texts. */
  marked: 3,
  /** Number of a payload of this scope, and whether it is the last event that shows it. */
  ref: 4,
} as const;

/** How many payloads of one request are kept for a second event. */
export const KEPT_PAYLOADS = 128;
/** How many pieces of one answer's texts are kept for the payloads in which they stand. */
export const KEPT_PIECES = 2048;
/** How many events show a payload: what goes from the backend to the client is shown where it comes and where it goes. */
export const USES = 2;

const KIND_NAMES = Object.keys(KINDS) as Kind[];
const KIND_NUMBERS = new Map(KIND_NAMES.map((kind, index) => [kind, index]));

/** Where events stand; null: at the usual place of their kind. */
const PLACES: readonly (EventPlace | null)[] = [null, SERVER_REQUEST, SERVER_REQUEST_ANSWER];

const placeNumber = (place: EventPlace | undefined): number =>
  place === undefined
    ? 0
    : PLACES.findIndex((one) => one?.phase === place.phase && one.direction === place.direction);

/** What an event is, in one number: what is the same for all alike. */
export const packEvent = (
  kind: Kind,
  place: EventPlace | undefined,
  mode: number,
  isApart: boolean,
  isBulk: boolean,
): number =>
  (KIND_NUMBERS.get(kind) ?? 0) |
  (placeNumber(place) << 5) |
  (mode << 7) |
  (isApart ? 1 << 10 : 0) |
  (isBulk ? 1 << 11 : 0);

/** The kind of an event, from what `packEvent` made; and so below. */
export const kindOfEvent = (what: number): Kind => KIND_NAMES[what & 31] as Kind;
export const placeOfEvent = (what: number): EventPlace => PLACES[(what >> 5) & 3] ?? KINDS[kindOfEvent(what)];
/** The place of its mode in `MODES`. */
export const modeOfEvent = (what: number): number => (what >> 7) & 7;
/** Whether its line belongs into the refused share. */
export const isApartOf = (what: number): boolean => (what & (1 << 10)) !== 0;
/** Whether it is one of many, which the span may leave out. */
export const isBulkOf = (what: number): boolean => (what & (1 << 11)) !== 0;

/** A span context, without its methods. */
export type ContextFacts = readonly [
  traceId: string,
  spanId: string,
  flags: number,
  isRemote: boolean,
  traceState: string | null,
];

export type LinkFacts = readonly [context: ContextFacts, attributes: Attributes | null, dropped: number];

/** A span that has ended, as the SDK has it: nothing in it is sanitized. */
export type EndedFacts = readonly [
  name: string,
  kind: number,
  context: ContextFacts,
  parent: ContextFacts | null,
  start: HrTime,
  end: HrTime,
  duration: HrTime,
  statusCode: number,
  statusMessage: string | null,
  attributes: Attributes,
  droppedAttributes: number,
  links: readonly LinkFacts[],
  droppedLinks: number,
  scopeName: string,
  scopeVersion: string | null,
  scopeSchema: string | null,
  isApart: boolean,
  eventsLost: number,
];
