import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WallTimers } from '../../src/later.ts';
import { type NdjsonFs, type NdjsonHandle, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';

/** Runs with a new directory, and removes it. */
export const inDirectory = async (use: (directory: string) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'ndjson-'));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

export const linesOf = (path: string): string[] => {
  const text = readFileSync(path, 'utf8');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
};

/** The path and its rotated files, the oldest lines first. */
export const filesOf = (directory: string, name: string): string[] => {
  const age = (file: string) => Number(file.slice(name.length + 1) || 0);
  const files = readdirSync(directory).filter(
    (file) => file === name || /^\.\d+$/.test(file.slice(name.length)),
  );
  return files.sort((a, b) => age(b) - age(a)).map((file) => join(directory, file));
};

/** Lines that are JSON and, apart from them, what is torn. */
export const readable = (lines: readonly string[]): { whole: unknown[]; torn: string[] } => {
  const whole: unknown[] = [];
  const torn: string[] = [];
  for (const line of lines) {
    try {
      whole.push(JSON.parse(line));
    } catch {
      torn.push(line);
    }
  }
  return { whole, torn };
};

/** What the wall clock says at first. */
export const START_MS = Date.parse('2026-11-21T09:00:00Z');

/** Time that stands still until a test moves it. */
export const createManualTimers = () => {
  let now = 0;
  const pending = new Set<{ readonly at: number; readonly ms: number; readonly run: () => void }>();
  const armed: ((ms: number) => void)[] = [];
  const timers: WallTimers = {
    now: () => now,
    wallMs: () => START_MS + now,
    later(ms, run) {
      const timer = { at: now + ms, ms, run };
      pending.add(timer);
      for (const tell of armed.splice(0)) tell(ms);
      return () => void pending.delete(timer);
    },
  };
  return {
    timers,
    /** Resolves with the delay of the next timer that is set. */
    nextTimer: () => new Promise<number>((resolve) => void armed.push(resolve)),
    pending: () => [...pending].map(({ ms }) => ms),
    advance(ms: number) {
      now += ms;
      for (const timer of [...pending].filter(({ at }) => at <= now)) {
        pending.delete(timer);
        timer.run();
      }
    },
  };
};

type Write = NdjsonHandle['write'];

/** The real file system, whose writes pass through `intercept`. */
export const withWrites = (intercept: (write: Write) => Write): NdjsonFs => ({
  ...nodeFs,
  async open(path, flags, mode) {
    const handle = await nodeFs.open(path, flags, mode);
    return {
      write: intercept((buffer, offset, length) => handle.write(buffer, offset, length)),
      read: (buffer, offset, length, position) => handle.read(buffer, offset, length, position),
      stat: () => handle.stat(),
      truncate: (length) => handle.truncate(length),
      chmod: (mode) => handle.chmod(mode),
      close: () => handle.close(),
    };
  },
});

export const failure = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

/** A disk whose writes fail while `broken` says how, after `torn` bytes of each. */
export const createBrokenDisk = () => {
  const disk = {
    broken: undefined as string | undefined,
    torn: 0,
    attempts: 0,
    onFailure: (): void => undefined,
  };
  const fs = withWrites((write) => async (buffer, offset, length) => {
    disk.attempts++;
    if (disk.broken === undefined) return write(buffer, offset, length);
    if (disk.torn > 0) {
      const part = disk.torn;
      disk.torn = 0;
      return write(buffer, offset, part);
    }
    disk.onFailure();
    throw failure(disk.broken);
  });
  return { disk, fs };
};
