import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNdjsonFile, type NdjsonFileOptions, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';
import { createManualTimers, failure, filesOf, inDirectory, linesOf, START_MS } from './ndjson-support.ts';

const NAME = 'usage.ndjson';
const DAY_MS = 86_400_000;
const line = (number: number, atMs = START_MS): string =>
  JSON.stringify({ v: 1, ts: new Date(atMs).toISOString(), number });
const allLines = (directory: string): string[] => filesOf(directory, NAME).flatMap(linesOf);

/** Puts a file there that was last written so long before the clock's first time. */
const plant = (directory: string, name: string, number: number, ageDays: number): void => {
  const path = join(directory, name);
  const at = START_MS - ageDays * DAY_MS;
  writeFileSync(path, `${line(number, at)}\n`);
  utimesSync(path, at / 1000, at / 1000);
};

/** A file that is kept for so many days, on a clock that stands still; `swept` waits for a look for old files. */
const open = (directory: string, days: number, more: Partial<NdjsonFileOptions> = {}) => {
  const clock = createManualTimers();
  const { timers, nextTimer } = clock;
  const first = nextTimer();
  const path = join(directory, NAME);
  const file = createNdjsonFile({ path, maxFiles: Infinity, retentionMs: days * DAY_MS, timers, ...more });
  const sweepAgain = async (): Promise<void> => {
    const next = nextTimer();
    clock.advance(3_600_000);
    await next;
  };
  return { file, first, clock, sweepAgain };
};

test('without a bound no file is ever removed, however many there are', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    const file = createNdjsonFile({ path, maxFileBytes: 100, maxFiles: Infinity });
    const written = Array.from({ length: 60 }, (_, number) => line(number));
    for (const text of written) {
      file.write(text);
      await file.flush();
    }
    await file.close();
    expect(filesOf(directory, NAME).length).toBeGreaterThan(20);
    expect(allLines(directory)).toEqual(written);
  }));

test('a file that has to stay is not moved onto another one, and none is moved without the lock', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    const fs = {
      ...nodeFs,
      mkdir: (made: string, options?: { recursive: boolean; mode: number }) =>
        made.endsWith('.lock') ? Promise.reject(failure('ENOSPC')) : nodeFs.mkdir(made, options),
    };
    const file = createNdjsonFile({ path, maxFileBytes: 100, maxFiles: Infinity, fs });
    for (let number = 0; number < 10; number++) file.write(line(number));
    await file.close();
    expect(file.stats).toMatchObject({ written: 10, lost: 0 });
    expect(readdirSync(directory)).toEqual([NAME]);
  }));

test('what is older than the retention is removed, at the start and each hour, and the rest stays', () =>
  inDirectory(async (directory) => {
    for (const [number, days] of [1, 6, 8, 30].entries())
      plant(directory, `${NAME}.${number + 1}`, number, days);
    plant(directory, 'other.ndjson.3', 9, 30);
    const removed: number[] = [];
    const { file, first, clock, sweepAgain } = open(directory, 7, {
      onRemoved: (files) => removed.push(files),
    });
    await first;
    expect(readdirSync(directory).sort()).toEqual(['other.ndjson.3', `${NAME}.1`, `${NAME}.2`]);
    clock.advance(2 * DAY_MS - 3_600_000);
    await sweepAgain();
    expect(readdirSync(directory).sort()).toEqual(['other.ndjson.3', `${NAME}.1`]);
    expect(removed[0]).toBe(2);
    await file.close();
  }));

test('the current file goes too when nothing is written to it any more', () =>
  inDirectory(async (directory) => {
    plant(directory, NAME, 1, 9);
    const { file, first, sweepAgain } = open(directory, 7);
    await first;
    expect(readdirSync(directory)).toEqual([`${NAME}.1`]);
    await sweepAgain();
    expect(readdirSync(directory)).toEqual([]);
    file.write(line(2));
    await file.close();
    expect(allLines(directory)).toEqual([line(2)]);
  }));

test('with a retention a file is begun each day, so that a slow one does not keep old lines', () =>
  inDirectory(async (directory) => {
    plant(directory, NAME, 1, 1.5);
    const { file, first, clock, sweepAgain } = open(directory, 7);
    await first;
    const write = async (number: number): Promise<void> => {
      file.write(line(number, START_MS));
      await file.flush();
    };
    await write(2);
    await write(3);
    clock.advance(1.1 * DAY_MS);
    // The look for old files that this begins has the lock of the rotation until it ends.
    await sweepAgain();
    await write(4);
    await file.close();
    expect(filesOf(directory, NAME).map((path) => linesOf(path).length)).toEqual([1, 2, 1]);
  }));
