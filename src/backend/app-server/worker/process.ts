import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { systemLater } from '../../../later.ts';
import { createLineSplitter, ofTexts } from '../../../line-splitter.ts';
import type { Pace } from '../../../pace.ts';
import { createPacedLines } from '../rpc/paced-lines.ts';
import { createOutputLog, type OutputNote } from './output-log.ts';
import { createPacedInput } from './paced-input.ts';
import { startWatcher } from './watcher.ts';

/** Which of the workers it is, and how often that one was started again before. */
export interface WorkerIdentity {
  readonly worker: number;
  readonly restarts: number;
}

/** How a worker ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: string | null;
  readonly uptime_ms: number;
  /** Why it could not be started, where it could not. */
  readonly error?: string;
  /** The system's word for that, such as ENOENT. */
  readonly errno?: string;
  /** What it wrote to stderr, as counts: its text may hold what nobody may see. */
  readonly stderr: { readonly lines: number; readonly bytes: number };
  /** The last things that it wrote, as sizes and times. */
  readonly last_output: readonly OutputNote[];
}

/** An app-server process: lines in, lines out. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** False when the process has left too much unread. To one that is gone nothing is sent: its exit answers for it. */
  send(line: string): boolean;
  readonly exited: Promise<WorkerExit>;
  /** Closes stdin, so that it can flush and end by itself; kills it after `graceMs`. Twice is harmless. */
  stop(graceMs: number): Promise<WorkerExit>;
  /** Kills it, and what it started, at once. */
  kill(): void;
}

export interface WorkerOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  onLine(line: string): void;
  onOverlong(bytes: number, start: string): void;
  readonly pace: Pace;
  /** Takes what the process says on stderr, for one whose words are ours to show. */
  onStderr?: ((chunk: Buffer) => void) | undefined;
}

/** To parse a line takes up to 2 ms a MiB, in one step. The app-server repeats what a request has, so it is more than a body may have. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** How much of a line that is not read says whom it is about. */
export const START_CHARS = 512;
/** How long after its end a process's last words may take to be read. */
const LAST_WORDS_MS = 2_000;

/** What the process started and left behind ends too: it would outlive us, and hold the pipes open. */
const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
};

/** Who holds the pipes of a process that has ended is none of its group, and is not waited for. */
const closePipes = ({ stdin, stdout, stderr }: ChildProcess): void => {
  for (const pipe of [stdin, stdout, stderr]) pipe?.destroy();
};

/** Hands the lines on as fast as they are worked on: a process that writes faster waits. */
const readLines = (
  stdout: Readable,
  { pace, onLine, onOverlong }: Pick<WorkerOptions, 'pace' | 'onLine' | 'onOverlong'>,
): void => {
  const lines = createPacedLines({
    pace,
    onLine,
    onTooMany: (line) => onOverlong(Buffer.byteLength(line), line.slice(0, START_CHARS)),
    onWaiting: () => stdout.pause(),
    onEmpty: () => stdout.resume(),
  });
  const splitter = createLineSplitter({
    maxBytes: MAX_LINE_BYTES,
    onLine: ofTexts(lines.push),
    onTooLong: onOverlong,
  });
  stdout.on('data', splitter.push);
};

/** Starts the process in a group of its own: Ctrl-C reaches the gateway alone, which then ends it in order. */
export const startWorkerProcess = ({
  command,
  env,
  cwd,
  onLine,
  onOverlong,
  pace,
  onStderr = () => undefined,
}: WorkerOptions): WorkerProcess => {
  const startedAt = performance.now();
  const watcher = startWatcher(env['PATH']);
  const [file = '', ...args] = command;
  // Where there are no descriptors left, Node gives a process without pipes, whose error follows.
  const child: ChildProcess = spawn(file, args, { env: { ...env }, cwd, detached: true, stdio: 'pipe' });
  if (child.pid !== undefined) watcher.guard(child.pid);
  const output = createOutputLog();
  if (child.stdout) output.watch('stdout', child.stdout);
  if (child.stderr) output.watch('stderr', child.stderr);
  if (child.stdout) readLines(child.stdout, { pace, onLine, onOverlong });
  const input = createPacedInput(child.stdin, pace);
  child.stderr?.on('data', onStderr);
  // Writing to a process that is gone: its exit says all that there is to say.
  child.stdin?.on('error', () => undefined);

  const exited = new Promise<WorkerExit>((resolve) => {
    const settle = (code: number | null, signal: string | null, error?: NodeJS.ErrnoException) =>
      resolve({
        code,
        signal,
        uptime_ms: Math.round(performance.now() - startedAt),
        stderr: output.stderr,
        last_output: output.last,
        ...(error && { error: error.message, ...(error.code && { errno: error.code }) }),
      });
    child.once('error', (error) => {
      watcher.stop();
      settle(null, null, error);
    });
    child.once('exit', () => {
      // First, lest it kill a group whose number is somebody else's by then.
      watcher.stop();
      killGroup(child);
      const cancel = systemLater(LAST_WORDS_MS, () => closePipes(child));
      child.once('close', cancel);
    });
    child.once('close', (code, signal) => settle(code, signal));
  });

  /** Of one that has ended nobody is left, and its number may be somebody else's. */
  const kill = (): void => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  };

  return {
    pid: child.pid,
    exited,
    send: (line) => child.stdin !== null && input.send(line),
    kill,
    async stop(graceMs) {
      child.stdin?.end();
      const cancel = systemLater(graceMs, kill);
      const exit = await exited;
      cancel();
      return exit;
    },
  };
};
