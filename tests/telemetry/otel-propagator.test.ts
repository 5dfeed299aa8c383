import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { createPropagator, untrustedParentOf } from '../../src/telemetry/otel/propagator.ts';
import { builtIn } from '../support/sanitizer.ts';

const ANYONE = () => true;
const TRACE = 'c'.repeat(32);
const PARENT = 'd'.repeat(16);

const headers = {
  traceparent: `00-${TRACE}-${PARENT}-01`,
  tracestate: 'foo=1',
  baggage: 'who=alice',
  b3: `${'a'.repeat(32)}-${'b'.repeat(16)}-1`,
};

const extract = (names: string | undefined) => {
  const propagator = createPropagator(
    names === undefined ? {} : { OTEL_PROPAGATORS: names },
    builtIn,
    ANYONE,
  );
  const context = propagator?.extract(ROOT_CONTEXT, headers, defaultTextMapGetter) ?? ROOT_CONTEXT;
  return {
    traceId: trace.getSpanContext(context)?.traceId,
    baggage: propagation.getBaggage(context)?.getEntry('who')?.value,
  };
};

test.each([
  [undefined, { traceId: TRACE, baggage: 'alice' }],
  ['tracecontext', { traceId: TRACE, baggage: undefined }],
  ['baggage', { traceId: undefined, baggage: 'alice' }],
  ['tracecontext, baggage', { traceId: TRACE, baggage: 'alice' }],
  ['b3', { traceId: 'a'.repeat(32), baggage: undefined }],
  ['b3multi', { traceId: 'a'.repeat(32), baggage: undefined }],
  ['none', { traceId: undefined, baggage: undefined }],
  ['tracecontext,none', { traceId: undefined, baggage: undefined }],
])('OTEL_PROPAGATORS=%s decides which headers a request is joined by', (names, expected) => {
  expect(extract(names)).toEqual(expected);
});

test('what was taken from a request is what goes on to the next one', () => {
  const propagator = createPropagator({ OTEL_PROPAGATORS: 'tracecontext' }, builtIn, ANYONE);
  const context = propagator?.extract(ROOT_CONTEXT, headers, defaultTextMapGetter) ?? ROOT_CONTEXT;
  const next: Record<string, string> = {};
  propagator?.inject(context, next, defaultTextMapSetter);
  expect(next).toEqual({ traceparent: headers.traceparent, tracestate: headers.tracestate });
});

test('a context without a span puts nothing into a request', () => {
  const next = {};
  createPropagator({}, builtIn, ANYONE)?.inject(ROOT_CONTEXT, next, defaultTextMapSetter);
  expect(next).toEqual({});
});

test('of a sender that is not trusted the parent is kept for a link, and nothing else: no parent, no sampling, no baggage', () => {
  const trusts = (authorization: string | undefined) => authorization === 'Bearer known';
  const propagator = createPropagator({}, builtIn, trusts);
  const read = (authorization?: string) =>
    propagator?.extract(ROOT_CONTEXT, { ...headers, authorization }, defaultTextMapGetter) ?? ROOT_CONTEXT;
  const known = read('Bearer known');
  expect([trace.getSpanContext(known)?.traceId, untrustedParentOf(known)]).toEqual([TRACE, undefined]);
  const stranger = read();
  expect(trace.getSpanContext(stranger)).toBeUndefined();
  expect(propagation.getBaggage(stranger)).toBeUndefined();
  expect(untrustedParentOf(stranger)).toMatchObject({ traceId: TRACE, spanId: PARENT });
});
