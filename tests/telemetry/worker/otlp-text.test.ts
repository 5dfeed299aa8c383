import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { createTraceState } from '../../../src/telemetry/otel/trace-context.ts';
import { otlpEvent, otlpSpan } from '../../../src/telemetry/worker/otlp-text.ts';

const ended: ReadableSpan[] = [];
const tracer = new TracerProvider({
  spanProcessors: [
    {
      onStart: () => undefined,
      onEnd: (span) => void ended.push(span),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    },
  ],
}).getTracer('test', '1');

const remote = {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  traceFlags: 3,
  isRemote: true,
  traceState: createTraceState([['a', 'b']]),
};

/** A span with one of everything. */
const spanWith = (parent = ROOT_CONTEXT): ReadableSpan => {
  const span = tracer.startSpan('a "span"', { kind: SpanKind.CLIENT }, parent);
  span.setAttributes({
    text: 'ü\n',
    whole: 7,
    half: 0.5,
    large: 2 ** 60,
    yes: true,
    list: ['a', 'b'],
    no: [],
  });
  span.setAttribute('map', { inner: [1, 'x', null], more: { deep: false } } as never);
  span.setAttribute('bytes', new Uint8Array([1, 2, 255]) as never);
  span.addEvent('heard', { word: 'x', count: 3 }, [1_790_000_000, 5]);
  span.addEvent('bare');
  span.addLink({ context: remote, attributes: { why: 'untrusted' } });
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'it broke' });
  span.end();
  return ended.at(-1) as ReadableSpan;
};

const bySdk = (span: ReadableSpan) => {
  const bytes = JsonTraceSerializer.serializeRequest([span]) ?? new Uint8Array();
  return JSON.parse(new TextDecoder().decode(bytes)).resourceSpans[0].scopeSpans[0].spans[0];
};

test.each([
  ['a root', ROOT_CONTEXT],
  ['a child of another process', trace.setSpanContext(ROOT_CONTEXT, remote)],
])('the OTLP/JSON of %s is the SDK’s own, field by field and in its order', (_, parent) => {
  const span = spanWith(parent);
  const { events, ...expected } = bySdk(span);
  expect(JSON.stringify(otlpSpan(span))).toBe(JSON.stringify(expected));
  expect(JSON.stringify(span.events.map(otlpEvent))).toBe(JSON.stringify(events));
});
