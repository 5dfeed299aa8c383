import {
  type Context,
  createContextKey,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import type { Sanitizer } from '../sanitize.ts';
import { DEFAULT_PROPAGATORS, type PROPAGATORS } from '../settings.ts';
import { formatTraceParent, parseTraceParent, parseTraceState } from './trace-context.ts';
import { given, type OtelEnv } from './variables.ts';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/** What looks like a secret must not ride on to other processes. */
type IsClean = (member: string) => boolean;

const first = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/**
 * W3C Trace Context. The SDK's own propagator keeps the rest of a `tracestate` with a malformed member, drops one of over 512 characters, and
 * reads flags that no level of the specification defines.
 */
const createTraceContextPropagator = (isClean: IsClean): TextMapPropagator => ({
  inject(context, carrier: unknown, setter: TextMapSetter) {
    const span = trace.getSpanContext(context);
    if (!span || !isSpanContextValid(span)) return;
    setter.set(carrier, TRACEPARENT, formatTraceParent(span));
    const state = span.traceState?.serialize();
    if (state) setter.set(carrier, TRACESTATE, state);
  },
  extract(context, carrier: unknown, getter: TextMapGetter) {
    const parent = parseTraceParent(first(getter.get(carrier, TRACEPARENT)) ?? '');
    if (!parent) return context;
    const traceState = parseTraceState([getter.get(carrier, TRACESTATE) ?? []].flat().join(','), isClean);
    return trace.setSpanContext(context, { ...parent, isRemote: true, ...(traceState && { traceState }) });
  },
  fields: () => [TRACEPARENT, TRACESTATE],
});

type PropagatorName = Exclude<(typeof PROPAGATORS)[number], 'none'>;

/** The propagators that `OTEL_PROPAGATORS` may name. */
const CREATE: Readonly<Record<PropagatorName, (isClean: IsClean) => TextMapPropagator>> = {
  tracecontext: createTraceContextPropagator,
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

/** Whether the sender of a request with this `Authorization` header says whose child the request is. */
export type TrustsSender = (authorization: string | undefined) => boolean;

const UNTRUSTED_PARENT = createContextKey('throughline.untrusted_parent');

/** The parent that an untrusted sender named: it becomes a link. */
export const untrustedParentOf = (context: Context): SpanContext | undefined =>
  context.getValue(UNTRUSTED_PARENT) as SpanContext | undefined;

/** Of a sender that is not trusted only the parent's ids are kept, for a link: no sampling decision, no baggage. */
const createTrusting = (inner: TextMapPropagator, trusts: TrustsSender): TextMapPropagator => ({
  inject: (context, carrier, setter) => inner.inject(context, carrier, setter),
  extract(context, carrier: unknown, getter: TextMapGetter) {
    const extracted = inner.extract(context, carrier, getter);
    if (trusts(first(getter.get(carrier, 'authorization')))) return extracted;
    const parent = trace.getSpanContext(extracted);
    return parent ? context.setValue(UNTRUSTED_PARENT, parent) : context;
  },
  fields: () => inner.fields(),
});

/** As `OTEL_PROPAGATORS` says, since NodeSDK stops reading it once it is handed a propagator; null for `none`. */
export const createPropagator = (
  env: OtelEnv,
  { sanitizeText }: Sanitizer,
  trusts: TrustsSender,
): TextMapPropagator | null => {
  const list = given(env, 'OTEL_PROPAGATORS') ?? DEFAULT_PROPAGATORS;
  const names = new Set(list.split(',').map((name) => name.trim()));
  if (names.has('none')) return null;
  const isClean: IsClean = (member) => sanitizeText(member) === member;
  const propagators = [...names].map((name) => CREATE[name as PropagatorName](isClean));
  return createTrusting(new CompositePropagator({ propagators }), trusts);
};
