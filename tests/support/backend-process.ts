import { fileURLToPath } from 'node:url';
import { startWorkerProcess, type WorkerProcess } from '../../src/backend/app-server/worker/process.ts';
import type { ConnectionTrace } from '../../src/backend/app-server/worker/worker-rpc.ts';
import { createPace } from '../../src/pace.ts';
import { createFakeSpan, type FakeSpan } from './fake-span.ts';
import { createWaiters } from './wait-until.ts';

type Program = 'answers' | 'exits-at-once' | 'never-answers' | 'floods-stderr' | 'leaves-a-child';

export const commandOf = (program: Program, ...args: string[]): string[] => [
  process.execPath,
  fileURLToPath(new URL(`../fixtures/backend/${program}.ts`, import.meta.url)),
  ...args,
];

export type ObservedProcess = WorkerProcess & {
  lines: string[];
  waitForLine(find: (line: string) => boolean): Promise<string>;
};

export const startProcess = (
  command: readonly string[],
  env: Record<string, string> = {},
): ObservedProcess => {
  const lines: string[] = [];
  const waiters = createWaiters();
  const started = startWorkerProcess({
    command,
    env,
    cwd: process.cwd(),
    onLine(line) {
      lines.push(line);
      waiters.notify();
    },
    onOverlong: () => undefined,
    pace: createPace(),
  });
  let ended = false;
  void started.exited.then(() => {
    ended = true;
    waiters.notify();
  });
  const find = (wanted: (line: string) => boolean) => {
    const line = lines.find(wanted);
    if (line === undefined && ended) throw new Error(`it ended before that line: ${lines.join(' ')}`);
    return line;
  };
  return {
    ...started,
    lines,
    waitForLine: (wanted) =>
      waiters.until(
        () => find(wanted),
        () => lines.join(' '),
      ),
  };
};

/** Whether a process is still there; one of another user's counts too. */
export const isAlive = (pid: number | undefined | null): boolean => {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

type ConnectionEvent = { kind: string; payload: Record<string, unknown> };

/** What a worker tells about itself, kept. */
export type FakeConnectionTrace = ConnectionTrace & {
  events: ConnectionEvent[];
  spans: FakeSpan[];
  waitFor(find: (event: ConnectionEvent) => boolean): Promise<ConnectionEvent>;
};

export const createFakeConnectionTrace = (): FakeConnectionTrace => {
  const events: ConnectionEvent[] = [];
  const spans: FakeSpan[] = [];
  const waiters = createWaiters();
  return {
    events,
    spans,
    openConnectionSpan(name, attributes) {
      const span = createFakeSpan(name, { kind: 'CLIENT', attributes });
      spans.push(span);
      return span;
    },
    connectionEvent(kind, payload) {
      events.push({ kind, payload: payload as Record<string, unknown> });
      waiters.notify();
    },
    waitFor: (find) =>
      waiters.until(
        () => events.find(find),
        () => JSON.stringify(events),
      ),
  };
};
