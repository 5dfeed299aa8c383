import { randomBytes } from 'node:crypto';
import { type Attributes, SpanKind, type TimeInput, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { HeldRest, HeldTexts, Payload } from '../held-texts.ts';
import { ESSENTIAL } from '../mirror/essential.ts';
import { type EventPlace, type Kind, MODES } from '../phases.ts';
import type { Capture } from '../settings.ts';
import type { RequestScope } from '../span.ts';
import { type Copied, copyPayload, NOTHING } from './copy.ts';
import { endedFactsOf } from './ended-facts.ts';
import { ScopeNote, SpanNote } from './note.ts';
import { OP, packEvent } from './ops.ts';
import { ABSENT, HandedPayload, LEFT_OUT } from './payload.ts';
import type { FactQueue } from './queue.ts';
import { HandedTexts, NO_TEXTS, type Rest } from './texts.ts';

/** What is told of an event. */
export interface EventNote {
  readonly payload?: unknown;
  readonly about?: Readonly<Record<string, unknown>>;
  readonly statusCode?: number;
  readonly bulk?: boolean;
  readonly place?: EventPlace;
}

interface RecorderOptions {
  readonly queue: FactQueue;
  readonly capture: Capture;
  /** Whether there is a mirror, which wants every span, and an export, which wants sampled ones. */
  readonly hasMirror: boolean;
  readonly hasExport: boolean;
  /** Whoever knows the name of this member could forge pieces of texts. */
  readonly marker: string;
}

/** A name for the member that marks pieces: a random one for each process. */
export const newMarker = (): string => `throughline.piece.${randomBytes(16).toString('hex')}`;

/** What the facts of a span that has ended take, about. */
const CHARS_OF_SPAN = 1024;

const isAttributes = (detail: Attributes | TimeInput | undefined): detail is Attributes =>
  typeof detail === 'object' && !Array.isArray(detail) && !(detail instanceof Date);

/** Probes and pages need no key, and their SERVER spans belong to no request of the API. */
const isOfNoRequest = ({ kind, attributes }: ReadableSpan): boolean =>
  kind === SpanKind.SERVER && attributes['req_id'] === undefined;

const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 0);

/** A registered span processor that hands ended spans over, and the one place where an event is noted. */
export class FactRecorder implements SpanProcessor {
  readonly #options: RecorderOptions;
  readonly #queue: FactQueue;
  readonly #notes = new WeakMap<ReadableSpan, SpanNote>();
  readonly #scopes = new WeakMap<RequestScope, ScopeNote>();
  #refs = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#queue = options.queue;
  }

  onStart(span: Span): void {
    const note = this.#create(span);
    if (note.isWanted) this.#wrapAddEvent(span, note);
  }

  onEnd(span: ReadableSpan): void {
    const note = this.#notes.get(span);
    if (!note?.isWanted) return;
    const queue = this.#queue;
    note.hasEnded = true;
    const isApart = note.isApart || isOfNoRequest(span);
    if (note.generation !== queue.generation) {
      note.lost += note.events;
      note.ref = 0;
    }
    if (queue.admits(true, isApart)) {
      queue.posted.lines[isApart ? 1 : 0]++;
      if (note.isSampled) queue.posted.spans++;
      queue.add(CHARS_OF_SPAN, OP.end, note.ref, endedFactsOf(span, isApart, note.lost));
    } else if (note.ref !== 0) queue.add(0, OP.end, note.ref, null);
    this.#forget(note);
  }

  forceFlush(): Promise<void> {
    this.#queue.flush();
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  /** Says whose a span is, and gives what is known of it. A span that is not recorded has a note, too. */
  noteOf(span: Span, request: RequestScope): SpanNote {
    const note = this.#notes.get(span) ?? this.#create(span);
    note.request = request;
    note.scope = this.#scopes.get(request) ?? new ScopeNote(note);
    this.#scopes.set(request, note.scope);
    return note;
  }

  /** Has the span's line written to the refused share. Call before it ends. */
  setApart(span: Span): void {
    const note = this.#notes.get(span) ?? this.#create(span);
    note.isApart = true;
  }

  event(note: SpanNote, kind: Kind, timeNs: bigint, event: EventNote): void {
    const { payload, about, statusCode = -1, bulk = false, place } = event;
    if (!note.isWanted || payload === LEFT_OUT) return;
    const queue = this.#queue;
    const { request } = note;
    const isApart = request?.apart === true;
    if (!queue.admits(ESSENTIAL.has(kind), isApart)) {
      note.lost++;
      return;
    }
    this.#tellSpan(note);
    const { form, a, b } = this.#copyOf(note, payload);
    const isSaid = about !== undefined && this.#options.capture !== 'off';
    const said = isSaid ? (copyPayload(about).a as string) : null;
    const what = packEvent(kind, place, MODES.indexOf(request?.mode ?? 'other'), isApart, bulk);
    note.events++;
    queue.posted.lines[isApart ? 1 : 0]++;
    queue.facts.push(OP.event, note.ref, what, timeNs, statusCode, said, form, a, b);
    queue.added(lengthOf(a) + lengthOf(said));
  }

  /** An event of no span and no request. */
  nobody(kind: Kind, timeNs: bigint, payload: unknown): void {
    const { hasMirror, capture } = this.#options;
    const queue = this.#queue;
    if (!hasMirror || !queue.admits(true, false)) return;
    const { form, a, b } = capture === 'off' ? NOTHING : copyPayload(payload);
    queue.posted.lines[0]++;
    queue.add(lengthOf(a), OP.nobody, kind, timeNs, form, a, b);
  }

  /** See `TraceSpan.room`. */
  room(note: SpanNote): Promise<void> | null {
    return note.isWanted ? this.#queue.room(this.#scopeOf(note)) : null;
  }

  texts(note: SpanNote): HeldTexts {
    const { capture, marker } = this.#options;
    if (!note.isWanted || capture === 'off') return NO_TEXTS;
    return new HandedTexts({
      queue: this.#queue,
      scope: this.#scopeOf(note),
      newRef: () => ++this.#refs,
      tell: (scope) => this.#tellScope(scope),
      marker,
    });
  }

  payload(note: SpanNote, value: unknown, rest: HeldRest | null): Payload {
    const held = rest as Rest | null;
    if (value === undefined && !held) return LEFT_OUT;
    if (this.#options.capture === 'off' || !note.isWanted) return ABSENT;
    const queue = this.#queue;
    const copy = copyPayload(value);
    const scope = this.#scopeOf(note);
    if (scope.isGone || !queue.hasRoom) return new HandedPayload(null, 0, 0, copy);
    this.#tellScope(scope);
    queue.add(lengthOf(copy.a), OP.payload, scope.ref, copy.form, copy.a, copy.b, held?.ref ?? 0);
    return new HandedPayload(scope, scope.payloads++, queue.generation, copy);
  }

  #create(span: ReadableSpan): SpanNote {
    const { hasMirror, hasExport } = this.#options;
    const { traceId, spanId, traceFlags } = span.spanContext();
    const isSampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
    const note = new SpanNote(traceId, spanId, isSampled, hasMirror || (hasExport && isSampled));
    this.#notes.set(span, note);
    return note;
  }

  /** The scope that spans of one request share; a span of none has its own. */
  #scopeOf(note: SpanNote): ScopeNote {
    note.scope ??= new ScopeNote(note);
    return note.scope;
  }

  #tellScope(scope: ScopeNote): void {
    if (scope.generation === this.#queue.generation) return;
    scope.generation = this.#queue.generation;
    scope.ref = ++this.#refs;
    scope.payloads = 0;
  }

  /** Tells the thread of a span where it does not know it, or not any more. */
  #tellSpan(note: SpanNote): void {
    const queue = this.#queue;
    if (note.generation === queue.generation && !note.hasEnded) return;
    if (note.generation !== queue.generation) note.lost += note.events;
    note.generation = queue.generation;
    note.ref = ++this.#refs;
    note.events = 0;
    const { scope, request } = note;
    if (scope && !scope.isGone) this.#tellScope(scope);
    const scopeRef = !scope || scope.isGone ? 0 : scope.ref;
    queue.facts.push(OP.span, note.ref, scopeRef, note.traceId, note.spanId, note.isSampled, note.hasEnded);
    queue.facts.push(request?.reqId ?? null, request?.route ?? null, request?.method ?? null);
    queue.added(0);
  }

  #copyOf(note: SpanNote, payload: unknown): Copied {
    if (this.#options.capture === 'off' || payload === undefined) return NOTHING;
    if (payload instanceof HandedPayload) return payload.next(note.scope, this.#queue.generation);
    return copyPayload(payload);
  }

  /** The first span of a scope ends last: its request is over. */
  #forget(note: SpanNote): void {
    const { scope } = note;
    if (scope?.first !== note) return;
    scope.isGone = true;
    if (scope.generation === this.#queue.generation) this.#queue.add(0, OP.forget, scope.ref);
  }

  /** Events that instrumentations add by themselves are facts, too. The SDK says when they were. */
  #wrapAddEvent(span: Span, note: SpanNote): void {
    const plain = span.addEvent.bind(span) as Span['addEvent'];
    const queue = this.#queue;
    span.addEvent = (name: string, detail?: Attributes | TimeInput, time?: TimeInput) => {
      plain(name, detail, time);
      const event = span.events.pop();
      if (!event) return span;
      if (!queue.admits(false, note.isApart)) {
        note.lost++;
        return span;
      }
      this.#tellSpan(note);
      note.events++;
      queue.posted.lines[note.isApart ? 1 : 0]++;
      const { req_id, phase, route, method, mode } = span.attributes;
      const request = { req_id, phase, route, method, mode };
      const attributes = isAttributes(detail) ? (event.attributes ?? {}) : null;
      queue.facts.push(OP.foreign, note.ref, note.isApart, name, event.time, attributes, request);
      queue.added(name.length + (attributes ? JSON.stringify(attributes).length : 0));
      return span;
    };
  }
}
