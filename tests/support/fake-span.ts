import type { AttributeSet, EventDetail, TraceSpan } from '../../src/gateway/ports.ts';
import type { Kind } from '../../src/telemetry/phases.ts';
import { createFakeTexts, fakePayload, Shown } from './fake-texts.ts';
import { policyOf } from './sanitizer.ts';

export type FakeEvent = { kind: Kind } & EventDetail;

/** A span that keeps what it is told, for tests to look at. */
export type FakeSpan = TraceSpan & {
  readonly name: string;
  readonly kind: string;
  readonly attributes: Record<string, unknown>;
  readonly events: FakeEvent[];
  readonly children: FakeSpan[];
  readonly failure: { type: string; message: string | undefined } | null;
  readonly ended: boolean;
};

/** Time that stands still until a test moves it, in nanoseconds. */
export type FakeClock = { ns: bigint };

let spans = 0;

export const createFakeSpan = (
  name = 'span',
  { kind = 'INTERNAL', attributes = {}, clock = { ns: 0n } }: FakeSpanOptions = {},
): FakeSpan => {
  const spanId = String(++spans).padStart(16, '0');
  const state = { failure: null as FakeSpan['failure'], ended: false };
  const span: FakeSpan = {
    name,
    kind,
    attributes: { ...attributes },
    events: [],
    children: [],
    get failure() {
      return state.failure;
    },
    get ended() {
      return state.ended;
    },
    traceId: 'a'.repeat(32),
    spanId,
    event(eventKind, detail = {}) {
      const { payload } = detail;
      if (payload instanceof Shown && payload.isNothing) return;
      span.events.push({
        kind: eventKind,
        ...detail,
        ...(payload instanceof Shown && { payload: payload.value }),
      });
    },
    texts: () => createFakeTexts(policyOf('full')),
    payload: fakePayload,
    room: () => null,
    warn: () => undefined,
    set: (more) => void Object.assign(span.attributes, defined(more)),
    child(childName, childKind, childAttributes) {
      const child = createFakeSpan(childName, { kind: childKind, attributes: childAttributes, clock });
      span.children.push(child);
      return child;
    },
    carrier: () => ({ traceparent: `00-${span.traceId}-${spanId}-01`, tracestate: 'throughline=req_1' }),
    fail(type, message) {
      state.failure = { type, message };
    },
    now: () => clock.ns,
    end() {
      state.ended = true;
    },
  };
  return span;
};

type FakeSpanOptions = { kind?: string; attributes?: AttributeSet; clock?: FakeClock };

const defined = (attributes: AttributeSet): AttributeSet =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));

export const eventsOf = (span: FakeSpan, kind: Kind): FakeEvent[] =>
  span.events.filter((event) => event.kind === kind);

/** The value that events show for a payload. */
export const shownValue = (payload: unknown): unknown => (payload instanceof Shown ? payload.value : payload);

/** The payloads of a span's events of one kind. */
export const payloadsOf = (span: FakeSpan, kind: Kind): unknown[] =>
  eventsOf(span, kind).map(({ payload }) => payload);
