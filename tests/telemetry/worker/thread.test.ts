import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createClock } from '../../../src/telemetry/clock.ts';
import { FactRecorder, newMarker } from '../../../src/telemetry/facts/recorder.ts';
import type { MirrorLine, SpanLine } from '../../../src/telemetry/mirror/line.ts';
import { createSanitizer } from '../../../src/telemetry/sanitize.ts';
import { startSpan, type TraceSpan } from '../../../src/telemetry/span.ts';
import { startWorkerThread } from '../../../src/telemetry/worker/start-thread.ts';
import { type RunningThread, TelemetryThread } from '../../../src/telemetry/worker/supervisor.ts';
import { createLostLineFinder } from '../../../src/timeline/lost-lines.ts';
import { createWaiters } from '../../support/wait-until.ts';
import { inDirectory } from '../ndjson-support.ts';

type LogLine = Record<string, unknown> & { msg: string };

/** The telemetry thread itself, with its mirror in a directory, and a way to kill it. */
const openThread = (directory: string) => {
  const log: LogLine[] = [];
  const waiters = createWaiters();
  const say = (fields: Readonly<Record<string, unknown>>, msg: string) => {
    log.push({ ...fields, msg });
    waiters.notify();
  };
  const threads: RunningThread[] = [];
  const heard: string[] = [];
  const sanitizer = createSanitizer();
  const marker = newMarker();
  const file = (name: string) => ({
    path: join(directory, name),
    ...{ what: name, maxFileBytes: 1e9, maxFiles: 2, retentionMs: null },
  });
  const thread = new TelemetryThread({
    start: {
      ...{ env: {}, capture: 'full', rules: null, marker },
      resource: { attributes: { 'service.name': 'test' }, options: {} },
      mirror: { main: file('main.ndjson'), refused: file('refused.ndjson') },
    },
    startThread: (start, hear, onEnd) => {
      const started = startWorkerThread(
        start,
        (message) => {
          hear(message);
          heard.push(message.type);
          waiters.notify();
        },
        onEnd,
      );
      threads.push(started);
      return started;
    },
    sanitizer,
    log: { error: say, warn: say, info: say, debug: say },
  });
  const { queue } = thread;
  const recorder = new FactRecorder({ queue, capture: 'full', hasMirror: true, hasExport: false, marker });
  const deps = {
    tracer: new TracerProvider({ spanProcessors: [recorder] }).getTracer('test'),
    recorder,
    clock: createClock(),
  };
  const open = (name: string): TraceSpan =>
    startSpan(deps, {
      ...{ name, kind: 'INTERNAL', parent: ROOT_CONTEXT, phase: null, attributes: {} },
      scope: { reqId: `req_${name}`, route: '/v1/x', method: 'POST', mode: 'chat_stream' },
    });
  const lines = async (): Promise<MirrorLine[]> =>
    (await readFile(join(directory, 'main.ndjson'), 'utf8').catch(() => ''))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as MirrorLine);
  return {
    ...{ thread, sanitizer, open, log, lines },
    kill: () => threads.at(-1)?.end(),
    untilHeard: (what: string, times: number) =>
      waiters.until(
        () => heard.filter((type) => type === what).length >= times,
        () => heard.join(),
      ),
    untilLogged: (text: string) =>
      waiters.until(
        () => log.find(({ msg }) => msg.includes(text)),
        () => JSON.stringify(log),
      ),
  };
};

const lostBetween = (lines: readonly MirrorLine[]): number => {
  const finder = createLostLineFinder();
  for (const line of lines) finder.line(Buffer.from(JSON.stringify(line)));
  return finder.found.reduce((sum, { count }) => sum + count, 0);
};

test('a thread that is killed under load is started again, and each line that it lost is counted', () =>
  inDirectory(async (directory) => {
    const { thread, open, kill, untilHeard, untilLogged, lines } = openThread(directory);
    await untilHeard('ready', 1);
    const long = open('long');
    let events = 0;
    const load = async (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        for (let one = 0; one < 50; one++, events++) long.event('upstream_chunk', { payload: { n: events } });
        thread.queue.flush();
        await turn();
      }
    };
    await load(40);
    while ((await lines()).length === 0) await turn();
    await load(40);
    const killed = kill();
    await load(40);
    await killed;
    const told = await untilLogged('the telemetry thread ended');
    await load(10);
    await untilHeard('ready', 2);
    await load(10);
    long.end();
    await thread.close();

    const written = await lines();
    const ours = written.filter((line) => line.span_id === long.spanId);
    const lost = events + 1 - ours.length;
    expect(lost).toBeGreaterThan(0);
    expect(told['lost_lines']).toBe(lost);
    expect(lostBetween(written)).toBe(lost);
    const [error] = written.filter((line) => line.type === 'event' && line.kind === 'trace_error');
    expect(error).toMatchObject({ payload: { lost } });
    const span = ours.at(-1) as SpanLine;
    // What the first thread knew of is not exported: neither what it wrote down nor what it lost.
    expect(Number(span.otlp['droppedEventsCount']) + span.events_kept).toBe(events);
  }));

test('a secret that is known before and one that comes later are hidden by each thread', () =>
  inDirectory(async (directory) => {
    const { thread, sanitizer, open, kill, untilHeard, untilLogged, lines } = openThread(directory);
    sanitizer.keepSecrets(['kept-secret-1']);
    const span = open('one');
    const texts = span.texts();
    const told = 'kept-secret-1 and passed-secret-2';
    sanitizer.passSecret('passed-secret-2');
    span.event('rpc_notification', { payload: { told } });
    span.event('rpc_notification', { payload: { delta: texts.push('a', 'kept-sec') } });
    await untilHeard('ready', 1);
    await kill();
    await untilLogged('the telemetry thread ended');
    span.event('rpc_notification', { payload: { told } });
    span.event('rpc_notification', { payload: { delta: texts.push('a', 'ret-1 behind') } });
    await untilHeard('ready', 2);
    span.end();
    await thread.close();
    const text = JSON.stringify(await lines());
    expect(text).not.toMatch(/kept-secret-1|passed-secret-2|ret-1/);
    expect(text).toContain('characters not kept');
  }));

test('a thread that does not answer any more holds up neither requests nor the end, and what is lost is counted', () =>
  inDirectory(async (directory) => {
    const { thread, open, log, untilHeard, lines } = openThread(directory);
    await untilHeard('ready', 1);
    expect(thread.queue.room({ waitedMs: 0 })).toBeNull();
    const span = open('one');
    const payload = 'x'.repeat(16_000);
    const events = 2_000;
    const patience = { waitedMs: 0 };
    // In one turn: nothing is answered meanwhile, as by a thread that hangs.
    for (let event = 0; event < events; event++) span.event('rpc_notification', { payload });
    const room = thread.queue.room(patience);
    expect(room).not.toBeNull();
    await room;
    expect(log.map(({ msg }) => msg)).toContain('telemetry cannot keep up: lines are lost');
    span.event('usage', { payload: 'behind' });
    span.end();
    await thread.close();
    const written = await lines();
    const lost = events + 2 - written.filter((line) => line.span_id === span.spanId).length;
    expect(lost).toBeGreaterThan(0);
    expect(lostBetween(written)).toBe(lost);
  }));

const DID_NOT_CLOSE = 'the telemetry thread did not end in order';

test('what comes while there is no thread is counted, where the end comes before the next thread', () =>
  inDirectory(async (directory) => {
    const { thread, open, kill, log, untilHeard, untilLogged } = openThread(directory);
    await untilHeard('ready', 1);
    await kill();
    await untilLogged('the telemetry thread ended');
    const span = open('late');
    span.event('rpc_notification', { payload: 'one' });
    span.end();
    await thread.close();
    expect(log.at(-1)).toMatchObject({ msg: DID_NOT_CLOSE, lost_lines: 2, lost_spans: 0 });
  }));

test('a thread that dies at the end leaves no line uncounted', () =>
  inDirectory(async (directory) => {
    const { thread, open, kill, log, lines, untilHeard } = openThread(directory);
    await untilHeard('ready', 1);
    const span = open('last');
    for (let event = 0; event < 2_000; event++) span.event('rpc_notification', { payload: { event } });
    span.end();
    const closed = thread.close();
    await kill();
    await closed;
    const lost = 2_001 - (await lines()).length;
    expect(lost).toBeGreaterThan(0);
    expect(log.at(-1)).toMatchObject({ msg: DID_NOT_CLOSE, lost_lines: lost });
  }));
