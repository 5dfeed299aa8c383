import type { ExportResult } from '@opentelemetry/core';
import { type ReadableSpan, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { createExportWatch } from '../../src/telemetry/otel/export-watch.ts';

const OK: ExportResult = { code: 0 };
const FAILED: ExportResult = { code: 1, error: new Error('connect ECONNREFUSED') };

/** Batches of all tests: each has a timer of the SDK's until it is answered. */
const sent: Batch[] = [];
afterEach(async () => {
  while (sent.length > 0) {
    for (const { done } of sent.splice(0)) done(OK);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

type Batch = { spans: ReadableSpan[]; done: (result: ExportResult) => void };

const open = (maxQueueSize: number, maxExportBatchSize: number) => {
  const batches: Batch[] = [];
  const told: string[] = [];
  const exporter: SpanExporter = {
    export(spans, done) {
      batches.push({ spans, done });
      sent.push({ spans, done });
    },
    shutdown: () => Promise.resolve(),
  };
  const watch = createExportWatch({
    onLost: (lost, error) => void told.push(`lost ${lost}: ${error.message}`),
    onRecovered: (lost) => {
      told.push(`recovered from ${lost}`);
      return undefined;
    },
  });
  const processor = watch.batches(exporter, {
    maxQueueSize,
    maxExportBatchSize,
    scheduledDelayMillis: 3_600_000,
  });
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test');
  return {
    batches,
    told,
    watch,
    processor,
    end: (count: number) => {
      for (let i = 0; i < count; i++) tracer.startSpan(`span ${i}`).end();
    },
    /** Sends what waits and answers it. */
    async flush(result: ExportResult): Promise<void> {
      const first = batches.length;
      const flushed = processor.forceFlush();
      for (const { done } of batches.slice(first)) done(result);
      await flushed;
    },
  };
};

test('an outage is told once, however many batches fail, and once more when it is over, with the number', async () => {
  const { told, end, flush } = open(100, 10);
  for (let i = 0; i < 5; i++) {
    end(3);
    await flush(FAILED);
  }
  expect(told).toEqual(['lost 3: connect ECONNREFUSED']);
  end(2);
  await flush(OK);
  expect(told).toEqual(['lost 3: connect ECONNREFUSED', 'recovered from 15']);
});

test('where nothing fails nothing is told', async () => {
  const { told, watch, end, flush } = open(100, 10);
  end(9);
  await flush(OK);
  expect(told).toEqual([]);
  expect(watch.unsent).toBe(0);
});

test('what does not fit into the queue is lost and counted, span by span', async () => {
  const { told, watch, batches, end, flush } = open(4, 4);
  end(20);
  expect(batches.map(({ spans }) => spans.length)).toEqual([4]);
  expect(told).toEqual(['lost 1: 4 spans wait already']);
  expect(watch.unsent).toBe(20);
  batches[0]?.done(OK);
  await flush(OK);
  expect(told.at(-1)).toBe('recovered from 12');
  expect(watch.unsent).toBe(12);
});

test('an outage goes on while the queue stays full, although a batch went out', () => {
  const { told, batches, end } = open(10, 2);
  end(30);
  batches[0]?.done(OK);
  expect(told).toEqual(['lost 1: 10 spans wait already']);
});

test('a new outage is told again', async () => {
  const { told, end, flush } = open(100, 10);
  for (const result of [FAILED, OK, FAILED, OK]) {
    end(1);
    await flush(result);
  }
  expect(told.map((line) => line.split(' ')[0])).toEqual(['lost', 'recovered', 'lost', 'recovered']);
});

test('what is still under way at the end counts as not sent', () => {
  const { watch, batches, end } = open(100, 10);
  end(13);
  expect(batches).toHaveLength(1);
  expect(watch.unsent).toBe(13);
});
