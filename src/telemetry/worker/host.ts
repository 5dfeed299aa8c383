import { setTimeout as pause } from 'node:timers/promises';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { type BackendSpans, createBackendSpans } from '../backend-spans.ts';
import { createClock } from '../clock.ts';
import type { Fact } from '../facts/ops.ts';
import { openLoggedFile } from '../mirror/logged-file.ts';
import type { NdjsonFile } from '../mirror/ndjson-file.ts';
import { createMirrorWriter, type LineSink, type MirrorWriter } from '../mirror/writer.ts';
import type { TelemetryLog } from '../otel/diag.ts';
import { tellUnsent, watchExport } from '../otel/export-report.ts';
import { createSpanProcessors } from '../otel/span-export.ts';
import { spanLimits } from '../otel/span-limits.ts';
import { type CapturePolicy, capturePolicy } from '../policy/index.ts';
import { compileRules } from '../sanitize/redact-file.ts';
import { createSanitizer } from '../sanitize.ts';
import { TelemetryCore } from './core.ts';
import type { FromThread, ThreadLog, ThreadStart, ToThread } from './messages.ts';
import { ThreadTally } from './thread-tally.ts';

/** How long the last export may take: a collector that is away must not keep the process alive. */
const FLUSH_MS = 5_000;
/** How much may wait for the disk before batches are answered late, and how late. */
const BUSY_BYTES = 4 * 1024 * 1024;
const BUSY_MS = 100;
const LOOK_MS = 5;

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** A share of the mirror: its file, and the writer that numbers its lines. */
interface Share {
  readonly writer: MirrorWriter;
  readonly file: NdjsonFile;
}

const openShare = (start: ThreadStart, tally: ThreadTally, log: TelemetryLog, share: 0 | 1): Share | null => {
  const settings = start.mirror?.[share === 0 ? 'main' : 'refused'];
  if (!settings) return null;
  const file = openLoggedFile(settings, log, {
    onWritten: (lines) => tally.settled(share, lines),
    lossLine(lost) {
      tally.settled(share, lost);
      tally.giveLine(share);
      return writer.traceError(`${lost} mirror lines were lost`, { lost });
    },
  });
  const sink: LineSink = {
    write(line, options) {
      tally.giveLine(share);
      return file.write(line, options);
    },
  };
  const writer = createMirrorWriter(sink, createClock(), start.seq[share], start.mirror?.pid);
  const lost = start.lost[share];
  if (lost > 0) writer.append(writer.traceError(`${lost} mirror lines were lost`, { lost }));
  return { writer, file };
};

/** Hands lines for the log to the other thread; those of the end are collected. */
const createThreadLog = (say: (message: FromThread) => void) => {
  let last: ThreadLog[] | null = null;
  const write = (level: ThreadLog['level']) => (fields: ThreadLog['fields'], message: string) =>
    last ? void last.push({ level, fields, message }) : say({ type: 'log', level, fields, message });
  const log = Object.fromEntries(LEVELS.map((level) => [level, write(level)])) as unknown as TelemetryLog;
  return {
    log,
    /** Collects what is logged from now on until `work` is done. */
    collect(work: () => void): readonly ThreadLog[] {
      last = [];
      work();
      const lines = last;
      last = null;
      return lines;
    },
  };
};

/** The questions whether traces of backends are whole, which may be taken back. */
const createQuestions = (backendSpans: BackendSpans | null, say: (message: FromThread) => void) => {
  const open = new Map<number, AbortController>();
  return {
    ask(id: number, traceId: string): void {
      const controller = new AbortController();
      open.set(id, controller);
      backendSpans?.settled(traceId, controller.signal).then(
        () => say({ type: 'settled', id }),
        () => undefined,
      );
    },
    stop(id: number): void {
      open.get(id)?.abort();
      open.delete(id);
    },
  };
};

const policyOf = async ({ capture, rules }: ThreadStart): Promise<CapturePolicy> =>
  capturePolicy(capture, createSanitizer(rules ? await compileRules(rules) : undefined));

/** Everything that leaves the process but the log and the usage log, behind messages: what the telemetry thread does. */
export interface Host {
  /** Facts, or what is asked. Facts are answered when there is room for more. */
  take(message: ToThread): void;
}

/** @param say - tells the thread that serves requests; `closed` comes last */
export const createHost = async (start: ThreadStart, say: (message: FromThread) => void): Promise<Host> => {
  const { env } = start;
  const policy = await policyOf(start);
  const tally = new ThreadTally(start.tally);
  const { log, collect } = createThreadLog(say);
  const main = openShare(start, tally, log, 0);
  const refused = openShare(start, tally, log, 1);
  const watch = watchExport(env, 'TRACES', log);
  const exporters = createSpanProcessors(env, watch);
  const core = new TelemetryCore({
    policy,
    limits: spanLimits(env),
    mirror: main && refused && { main: main.writer, refused: refused.writer },
    exporters,
    resource: resourceFromAttributes(start.resource.attributes, start.resource.options),
    marker: start.marker,
    tally,
  });
  const backendSpans = main && (await createBackendSpans(main.writer, policy, env, log, start.receiver));
  const questions = createQuestions(backendSpans, say);

  const isBusy = (): boolean => (main?.file.stats.queuedBytes ?? 0) > BUSY_BYTES;
  const takeFacts = async (facts: readonly Fact[]): Promise<void> => {
    core.take(facts);
    tally.unsent = watch.unsent + (backendSpans?.unsent ?? 0);
    for (let waited = 0; isBusy() && waited < BUSY_MS; waited += LOOK_MS) await pause(LOOK_MS);
    say({ type: 'handled' });
  };

  const endExport = async (): Promise<void> => {
    await backendSpans?.close();
    const ended = Promise.allSettled([...exporters.map((one) => one.shutdown()), backendSpans?.shutdown()]);
    await Promise.race([ended, pause(FLUSH_MS)]);
    const last = collect(() => {
      tellUnsent(env, 'TRACES', watch, log);
      backendSpans?.tellUnsent();
    });
    say({ type: 'exported', last });
  };

  const close = async (): Promise<void> => {
    await Promise.allSettled([main?.file.close(), refused?.file.close()]);
    say({ type: 'closed' });
  };

  say({
    type: 'ready',
    urls: backendSpans && { mirrorUrl: backendSpans.mirrorUrl, relay: backendSpans.relay },
    place: backendSpans?.place ?? null,
  });
  return {
    take(message) {
      if (!('type' in message)) return void takeFacts(message);
      switch (message.type) {
        case 'settled':
          return questions.ask(message.id, message.traceId);
        case 'stop':
          return questions.stop(message.id);
        case 'export':
          return void endExport();
        case 'close':
          return void close();
      }
    },
  };
};
