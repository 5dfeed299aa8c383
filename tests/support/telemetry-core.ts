import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { type Clock, createClock } from '../../src/telemetry/clock.ts';
import type { Fact } from '../../src/telemetry/facts/ops.ts';
import { FactQueue } from '../../src/telemetry/facts/queue.ts';
import { FactRecorder, newMarker } from '../../src/telemetry/facts/recorder.ts';
import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { createMirrorWriter } from '../../src/telemetry/mirror/writer.ts';
import { spanLimits } from '../../src/telemetry/otel/span-limits.ts';
import type { OtelEnv } from '../../src/telemetry/otel/variables.ts';
import type { Capture } from '../../src/telemetry/settings.ts';
import type { SpanDeps } from '../../src/telemetry/span.ts';
import { TelemetryCore } from '../../src/telemetry/worker/core.ts';
import { ThreadTally } from '../../src/telemetry/worker/thread-tally.ts';
import { createFakeTimers } from './fake-timers.ts';
import { policyOf } from './sanitizer.ts';

type LogLine = Record<string, unknown> & { msg: string };

export type CoreParts = {
  capture?: Capture;
  env?: OtelEnv;
  clock?: Clock;
  hasMirror?: boolean;
  hasExport?: boolean;
  /** Takes batches in the place of the core. */
  post?: (facts: readonly Fact[]) => void;
  maxChars?: number;
};

/** The core of the telemetry thread in this thread, fed with the same facts: they are copied on the way, as between threads. */
export const createCore = (parts: CoreParts = {}) => {
  const { capture = 'full', env = {}, clock = createClock(), hasMirror = true, hasExport = true } = parts;
  const lines: MirrorLine[] = [];
  const exported: ReadableSpan[] = [];
  const log: LogLine[] = [];
  const say = (fields: Readonly<Record<string, unknown>>, msg: string) => void log.push({ ...fields, msg });
  const tally = new ThreadTally(ThreadTally.memory());
  const marker = newMarker();
  const writer = () => createMirrorWriter({ write: (line) => lines.push(JSON.parse(line)) > 0 }, clock);
  const exporter: SpanProcessor = {
    onStart: () => undefined,
    onEnd: (span) => void exported.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const core = new TelemetryCore({
    policy: policyOf(capture),
    limits: spanLimits(env),
    mirror: hasMirror ? { main: writer(), refused: writer() } : null,
    exporters: hasExport ? [exporter] : [],
    resource: resourceFromAttributes({ 'service.name': 'test' }),
    marker,
    tally,
  });
  const timers = createFakeTimers();
  const queue: FactQueue = new FactQueue({
    post: parts.post ?? ((facts) => core.take(structuredClone(facts))),
    timers,
    log: { error: say, warn: say, info: say, debug: say },
    batchMs: parts.post ? 20 : 0,
    ...(parts.maxChars !== undefined && { maxChars: parts.maxChars }),
  });
  const recorder = new FactRecorder({ queue, capture, hasMirror, hasExport, marker });
  return { core, queue, recorder, lines, exported, log, tally, timers, clock };
};

/** The same behind the SDK's tracer. `watch` sees each of its spans start. */
export const createTracedCore = (
  parts: CoreParts = {},
  watch: SpanProcessor['onStart'] = () => undefined,
) => {
  const made = createCore(parts);
  const { recorder, clock } = made;
  const watcher: SpanProcessor = {
    onStart: watch,
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const provider = new TracerProvider({ spanProcessors: [recorder, watcher] });
  const deps: SpanDeps = { tracer: provider.getTracer('test', '1'), recorder, clock };
  return { ...made, deps };
};
