import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNdjsonFile, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';
import { failure, filesOf, inDirectory, linesOf } from './ndjson-support.ts';

const NAME = 'proto.ndjson';
const line = (number: number): string => JSON.stringify({ number, padding: 'x'.repeat(number % 50) });
const sizesOf = (directory: string): number[] => filesOf(directory, NAME).map((file) => statSync(file).size);
const allLines = (directory: string): string[] => filesOf(directory, NAME).flatMap(linesOf);

test('no file grows beyond its bound, there are never more than allowed, and the newest lines stay', () =>
  inDirectory(async (directory) => {
    const file = createNdjsonFile({ path: join(directory, NAME), maxFileBytes: 1000, maxFiles: 4 });
    const written: string[] = [];
    for (let number = 0; number < 600; number++) {
      written.push(line(number));
      file.write(line(number));
      if (number % 7 > 0) continue;
      await file.flush();
      const sizes = sizesOf(directory);
      expect(sizes.length).toBeLessThanOrEqual(4);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    }
    await file.close();
    const kept = allLines(directory);
    expect(sizesOf(directory).length).toBe(4);
    expect(kept).toEqual(written.slice(-kept.length));
    expect(readdirSync(directory).sort()).toEqual([NAME, `${NAME}.1`, `${NAME}.2`, `${NAME}.3`]);
  }));

test('rotation goes on where an earlier process left off', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    for (let start = 0; start < 60; start += 10) {
      const file = createNdjsonFile({ path, maxFileBytes: 300, maxFiles: 50 });
      for (let number = start; number < start + 10; number++) file.write(line(number));
      await file.close();
    }
    expect(allLines(directory)).toEqual(Array.from({ length: 60 }, (_, number) => line(number)));
    expect(Math.max(...sizesOf(directory))).toBeLessThanOrEqual(300);
  }));

test('the newline that ends a torn line counts against the bound', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    writeFileSync(path, 'x'.repeat(90));
    const file = createNdjsonFile({ path, maxFileBytes: 101, maxFiles: 3 });
    file.write('"12345678"');
    await file.close();
    expect(sizesOf(directory)).toEqual([90, 11]);
  }));

test('a single file is started anew when it is full', () =>
  inDirectory(async (directory) => {
    const file = createNdjsonFile({ path: join(directory, NAME), maxFileBytes: 200, maxFiles: 1 });
    for (let number = 0; number < 100; number++) file.write(line(number));
    await file.close();
    expect(readdirSync(directory)).toEqual([NAME]);
    expect(sizesOf(directory)[0]).toBeLessThanOrEqual(200);
    expect(allLines(directory).at(-1)).toBe(line(99));
  }));

test('files beyond a bound that was lowered are removed, and those of others are not', () =>
  inDirectory(async (directory) => {
    const others = ['proto.ndjson.bak', 'proto.ndjson.01', 'usage.ndjson.7', 'proto.ndjson.x1'];
    for (const name of [...others, ...[1, 2, 3, 9, 40].map((number) => `${NAME}.${number}`)]) {
      writeFileSync(join(directory, name), '{}\n');
    }
    const file = createNdjsonFile({ path: join(directory, NAME), maxFiles: 3 });
    file.write(line(1));
    await file.close();
    expect(readdirSync(directory).sort()).toEqual([...others, NAME, `${NAME}.1`, `${NAME}.2`].sort());
  }));

test('what another process has rotated already is not rotated again', () =>
  inDirectory(async (directory) => {
    const options = { path: join(directory, NAME), maxFileBytes: 100, maxFiles: 9 };
    const [one, other] = [createNdjsonFile(options), createNdjsonFile(options)];
    const text = JSON.stringify('x'.repeat(60));
    for (const file of [one, other, one]) {
      file.write(text);
      await file.flush();
    }
    await Promise.all([one.close(), other.close()]);
    expect(sizesOf(directory)).toEqual([63, 63, 63]);
    expect(allLines(directory)).toEqual([text, text, text]);
  }));

test('while another process rotates, lines still reach the file, and its lock is left alone', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    mkdirSync(`${path}.lock`);
    const file = createNdjsonFile({ path, maxFileBytes: 100, maxFiles: 3 });
    for (let number = 0; number < 10; number++) file.write(line(number));
    await file.close();
    expect(linesOf(path)).toEqual(Array.from({ length: 10 }, (_, number) => line(number)));
    expect(readdirSync(directory).sort()).toEqual([NAME, `${NAME}.lock`]);
  }));

test('the lock of a process that died is taken away', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    mkdirSync(`${path}.lock`);
    utimesSync(`${path}.lock`, 0, 0);
    const file = createNdjsonFile({ path, maxFileBytes: 100, maxFiles: 30 });
    for (let number = 0; number < 20; number++) {
      file.write(line(number));
      await file.flush();
    }
    await file.close();
    expect(readdirSync(directory)).not.toContain(`${NAME}.lock`);
    expect(allLines(directory)).toEqual(Array.from({ length: 20 }, (_, number) => line(number)));
    expect(sizesOf(directory).length).toBeGreaterThan(3);
  }));

test('a disk too full for the lock is not too full to make room by rotating', () =>
  inDirectory(async (directory) => {
    const fs = {
      ...nodeFs,
      mkdir: (path: string, options?: { recursive: boolean; mode: number }) =>
        path.endsWith('.lock') ? Promise.reject(failure('ENOSPC')) : nodeFs.mkdir(path, options),
    };
    const file = createNdjsonFile({ path: join(directory, NAME), maxFileBytes: 100, maxFiles: 2, fs });
    for (let number = 0; number < 30; number++) file.write(line(number));
    await file.close();
    expect(sizesOf(directory).length).toBe(2);
    expect(Math.max(...sizesOf(directory))).toBeLessThanOrEqual(100);
    expect(file.stats).toMatchObject({ written: 30, lost: 0 });
  }));
