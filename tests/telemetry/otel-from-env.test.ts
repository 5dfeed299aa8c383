import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace';
import { createSampler } from '../../src/telemetry/otel/from-env.ts';
import { createSpanProcessors } from '../../src/telemetry/otel/span-export.ts';
import { spanLimits } from '../../src/telemetry/otel/span-limits.ts';
import {
  isDisabled,
  type OtelEnv,
  otlpEndpoint,
  tracesDestination,
} from '../../src/telemetry/otel/variables.ts';
import { createRandom } from '../support/random.ts';
import { anyWatchedExport } from '../support/watched-export.ts';

const tracesEndpoint = (env: OtelEnv) => otlpEndpoint(env, 'TRACES');

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test('without an endpoint nothing is exported', () => {
  expect(tracesEndpoint({})).toBeNull();
  expect(createSpanProcessors({}, anyWatchedExport())).toEqual([]);
});

test('the endpoint of the traces comes before the one of all signals', () => {
  expect(tracesEndpoint(ENDPOINT)).toBe('http://127.0.0.1:4318');
  expect(tracesEndpoint({ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t:1/x' })).toBe(
    'http://t:1/x',
  );
  expect(tracesEndpoint({ OTEL_EXPORTER_OTLP_ENDPOINT: '  ' })).toBeNull();
});

test.each(['true', 'TRUE', ' True '])('OTEL_SDK_DISABLED=%s stops every export', (OTEL_SDK_DISABLED) => {
  const env = { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'otlp,console', OTEL_SDK_DISABLED };
  expect(isDisabled(env)).toBe(true);
  expect(tracesEndpoint(env)).toBeNull();
  expect(createSpanProcessors(env, anyWatchedExport())).toEqual([]);
});

test.each(['false', '', '1', 'yes'])(
  'OTEL_SDK_DISABLED=%j does not, as the specification has it',
  (OTEL_SDK_DISABLED) => {
    expect(isDisabled({ OTEL_SDK_DISABLED })).toBe(false);
  },
);

test.each([
  ['otlp', ['BatchSpanProcessor']],
  ['none', []],
  ['console', ['SimpleSpanProcessor']],
  ['otlp,console', ['BatchSpanProcessor', 'SimpleSpanProcessor']],
  [' console , otlp ', ['BatchSpanProcessor', 'SimpleSpanProcessor']],
])('OTEL_TRACES_EXPORTER=%s gives the processors %j', async (OTEL_TRACES_EXPORTER, names) => {
  const processors = createSpanProcessors({ ...ENDPOINT, OTEL_TRACES_EXPORTER }, anyWatchedExport());
  await Promise.all(processors.map((processor) => processor.shutdown()));
  expect(processors.map((processor) => processor.constructor.name)).toEqual(names);
});

test('an exporter that is not otlp has no endpoint to tell of', () => {
  expect(tracesEndpoint({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console' })).toBeNull();
  expect(tracesEndpoint({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })).toBeNull();
});

test.each([
  [{}, 'no OTLP endpoint is set'],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }, 'OTEL_SDK_DISABLED is true'],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, 'OTEL_TRACES_EXPORTER is none'],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console' }, 'OTEL_TRACES_EXPORTER is console'],
])('with %j it is said that nothing is exported because %s', (env: OtelEnv, reason) => {
  expect(tracesDestination(env)).toBe(`not exported: ${reason}`);
});

test('with an endpoint it is said where spans go', () => {
  expect(tracesDestination(ENDPOINT)).toBe('http://127.0.0.1:4318');
});

type Parent = 'root' | 'sampled' | 'unsampled';

const decide = (env: Record<string, string>, parent: Parent = 'root', traceId = 'f'.repeat(32)) => {
  const traceFlags = parent === 'sampled' ? TraceFlags.SAMPLED : TraceFlags.NONE;
  const context =
    parent === 'root'
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '1'.repeat(16), traceFlags, isRemote: true });
  return createSampler(env).shouldSample(context, traceId, 'span', SpanKind.SERVER, {}, []).decision;
};

/** What is not exported is still recorded: the mirror and the metrics see every span. */
const YES = SamplingDecision.RECORD_AND_SAMPLED;
const NO = SamplingDecision.RECORD;

test.each([
  [undefined, [YES, YES, YES]],
  ['always_on', [YES, YES, YES]],
  ['always_off', [NO, NO, NO]],
  ['traceidratio', [YES, YES, YES]],
  ['parentbased_always_on', [YES, YES, NO]],
  ['parentbased_always_off', [NO, YES, NO]],
  ['parentbased_traceidratio', [YES, YES, NO]],
])('OTEL_TRACES_SAMPLER=%s decides for a root, a sampled and an unsampled parent', (name, decisions) => {
  const env: Record<string, string> = name === undefined ? {} : { OTEL_TRACES_SAMPLER: name };
  expect((['root', 'sampled', 'unsampled'] as const).map((parent) => decide(env, parent))).toEqual(decisions);
});

test.each(['traceidratio', 'parentbased_traceidratio'])(
  'the ratio of %s is OTEL_TRACES_SAMPLER_ARG',
  (OTEL_TRACES_SAMPLER) => {
    const at = (OTEL_TRACES_SAMPLER_ARG: string, traceId: string) =>
      decide({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }, 'root', traceId);
    const random = createRandom(11);
    const ids = Array.from({ length: 256 }, () => random.bytes(16, [0x5a, 0xa5]).toString('hex'));
    const share = (ratio: string) => ids.filter((id) => at(ratio, id) === YES).length / ids.length;
    expect([share('0'), share('1')]).toEqual([0, 1]);
    expect(share('0.25')).toBeGreaterThan(0.1);
    expect(share('0.25')).toBeLessThan(0.4);
    expect(new Set(ids.map((id) => at('0', id)))).toEqual(new Set([NO]));
  },
);

test('the limits of spans are the SDK’s own unless they are set', () => {
  expect(spanLimits({})).toEqual({
    ...{
      attributeCount: 128,
      valueLength: Number.POSITIVE_INFINITY,
      eventCount: 128,
      attributesPerEvent: 128,
    },
    cutsEvents: false,
  });
  expect(spanLimits({ OTEL_SPAN_EVENT_COUNT_LIMIT: '10' }).eventCount).toBe(10);
  expect(spanLimits({ OTEL_SPAN_EVENT_COUNT_LIMIT: '0' }).eventCount).toBe(0);
});

test.each([
  'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
])('with %s events are altered, which the mirror must know', (name) => {
  expect(spanLimits({ [name]: '50' }).cutsEvents).toBe(true);
});
