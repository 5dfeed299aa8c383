import { join } from 'node:path';
import { createNdjsonFile } from '../../src/telemetry/mirror/ndjson-file.ts';
import { createBrokenDisk, createManualTimers, inDirectory, linesOf, withWrites } from './ndjson-support.ts';

const line = (number: number, padding = ''): string => JSON.stringify({ number, padding });

/** A disk that says how many bytes each write call brought it. */
const createCountingDisk = () => {
  const calls: number[] = [];
  const fs = withWrites((write) => (buffer, offset, length) => {
    calls.push(length);
    return write(buffer, offset, length);
  });
  return { calls, fs };
};

test('lines of several turns go out in one write call, once the first has waited for so long', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { calls, fs } = createCountingDisk();
    const { timers, advance, nextTimer } = createManualTimers();
    const file = createNdjsonFile({ path, fs, timers, gatherMs: 10 });
    const timer = nextTimer();
    file.write(line(0));
    expect(await timer).toBe(10);
    file.write(line(1));
    expect(calls).toEqual([]);
    advance(10);
    await file.flush();
    expect(calls).toEqual([line(0).length + line(1).length + 2]);
    await file.close();
    expect(linesOf(path)).toEqual([line(0), line(1)]);
  }));

test('neither a flush nor a close waits for more lines', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { timers, pending } = createManualTimers();
    const file = createNdjsonFile({ path, timers, gatherMs: 10 });
    file.write(line(0));
    await file.flush();
    expect(linesOf(path)).toEqual([line(0)]);
    file.write(line(1));
    await file.close();
    expect(linesOf(path)).toEqual([line(0), line(1)]);
    expect(pending()).toEqual([]);
  }));

test('many bytes do not wait', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const written = Promise.withResolvers<void>();
    const fs = withWrites((write) => (buffer, offset, length) => {
      written.resolve();
      return write(buffer, offset, length);
    });
    const { timers, nextTimer } = createManualTimers();
    const file = createNdjsonFile({ path, fs, timers, gatherMs: 10 });
    const timer = nextTimer();
    file.write(line(0));
    await timer;
    file.write(line(1, 'x'.repeat(64 * 1024)));
    await written.promise;
    await file.close();
    expect(linesOf(path).length).toBe(2);
  }));

test('megabytes that waited for a disk come out whole and in order, with the lines that came meanwhile', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { disk, fs } = createBrokenDisk();
    const file = createNdjsonFile({ path, fs });
    const lines: string[] = [];
    const write = (text: string): void => {
      lines.push(text);
      expect(file.write(text)).toBe(true);
    };
    disk.broken = 'EIO';
    for (let number = 0; number < 6000; number++) write(line(number, 'é😀'.repeat(number % 100)));
    write(line(6000, '–'.repeat(700_000)));
    for (let number = 6001; number < 9000; number++) write(line(number, 'x'.repeat(number % 500)));
    await file.flush();
    disk.broken = undefined;
    const flushed = file.flush();
    for (let number = 9000; number < 9010; number++) write(line(number));
    await flushed;
    await file.close();
    expect(linesOf(path)).toEqual(lines);
    expect(file.stats).toMatchObject({ written: lines.length, lost: 0, queuedBytes: 0 });
  }));

test('what the lines of a queue are in bytes is counted exactly, whatever their characters', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    disk.broken = 'EIO';
    const text = line(0, 'é–😀\ud83d');
    const bytes = Buffer.byteLength(text) + 1;
    const file = createNdjsonFile({ path: join(directory, 'proto.ndjson'), fs, maxQueueBytes: 3 * bytes });
    expect([1, 2, 3, 4].map(() => file.write(text))).toEqual([true, true, true, false]);
    expect(file.stats).toMatchObject({ lost: 1, queuedBytes: 3 * bytes });
    await file.close();
  }));
