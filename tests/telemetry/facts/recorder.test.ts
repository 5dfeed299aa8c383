import { TracerProvider } from '@opentelemetry/sdk-trace';
import { type EndedFacts, type Fact, OP } from '../../../src/telemetry/facts/ops.ts';
import { FactQueue } from '../../../src/telemetry/facts/queue.ts';
import { FactRecorder } from '../../../src/telemetry/facts/recorder.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

test('a span that has ended says how many events of an instrumentation were lost on their way', () => {
  const facts: Fact[] = [];
  const say = () => undefined;
  const queue = new FactQueue({
    post: (batch) => void facts.push(...batch),
    timers: createFakeTimers(),
    log: { error: say, warn: say, info: say, debug: say },
    maxChars: 1_000,
  });
  const options = { queue, capture: 'full', hasMirror: true, hasExport: false, marker: 'm' } as const;
  const recorder = new FactRecorder(options);
  const span = new TracerProvider({ spanProcessors: [recorder] }).getTracer('test').startSpan('one');
  queue.add(1_000, OP.forget, 1);
  span.addEvent('lost');
  span.end();
  queue.flush();
  const ended = facts.at(facts.lastIndexOf(OP.end) + 2) as EndedFacts;
  expect(ended.at(-1)).toBe(1);
});
