import { ROOT_CONTEXT } from '@opentelemetry/api';
import { type Span, TracerProvider } from '@opentelemetry/sdk-trace';
import { createClock } from '../../src/telemetry/clock.ts';
import { createSpanRecorder } from '../../src/telemetry/mirror/span-recorder.ts';
import { createMirrorWriter } from '../../src/telemetry/mirror/writer.ts';
import type { Capture } from '../../src/telemetry/settings.ts';
import { startSpan } from '../../src/telemetry/span.ts';

const GIVEN = {
  'throughline.ignored_parameters': ['temperature'],
  'throughline.unknown_fields': ['a_word_of_mine'],
  'throughline.unknown_fields.count': 1,
};

/** What the SDK's span has after it was opened with those attributes, and again after they were set on it. */
const recorded = (capture: Capture): unknown[] => {
  const started: Span[] = [];
  const clock = createClock();
  const mirror = createMirrorWriter({ write: () => true }, clock);
  const recorder = createSpanRecorder({ main: mirror, refused: mirror }, { exactEvents: false });
  const spanProcessors = [{ ...recorder, onStart: (span: Span) => void started.push(span) }];
  const tracer = new TracerProvider({ spanProcessors }).getTracer('test');
  const deps = { tracer, recorder, clock, capture, bulkEventLimit: 96 };
  const scope = { reqId: null, route: 'other', method: 'GET', mode: 'other' as const };
  const open = (attributes: object) =>
    startSpan(deps, {
      name: 'http_ingress',
      kind: 'INTERNAL',
      parent: ROOT_CONTEXT,
      scope,
      phase: null,
      attributes: { ...attributes },
    });
  open(GIVEN);
  open({}).set(GIVEN);
  return started.map(({ attributes }) => attributes);
};

test('names that a client made up stand on a span where content may, and their number in any case', () => {
  const { 'throughline.unknown_fields': _, ...rest } = GIVEN;
  expect(recorded('full')).toEqual([GIVEN, GIVEN]);
  for (const capture of ['metadata', 'off'] as const) expect(recorded(capture)).toEqual([rest, rest]);
});
