import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNdjsonFile, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';
import { createBrokenDisk, createManualTimers, inDirectory, linesOf, withWrites } from './ndjson-support.ts';

const line = (number: number): string => JSON.stringify({ number });
const LINE_BYTES = line(0).length + 1;
const lossLine = (lost: number): string => JSON.stringify({ lost });

test('a failing disk keeps the queue up to its bound and loses exactly the lines beyond, the newest', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { disk, fs } = createBrokenDisk();
    const notices: [number, string][] = [];
    const recovered: number[] = [];
    const file = createNdjsonFile({
      path,
      fs,
      maxQueueBytes: 5 * LINE_BYTES,
      onLost: (lost, error) => notices.push([lost, error.message]),
      onRecovered(lost) {
        recovered.push(lost);
        return lossLine(lost);
      },
    });
    disk.broken = 'EIO';
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((number) => file.write(line(number)))).toEqual([
      ...Array(5).fill(true),
      ...Array(3).fill(false),
    ]);
    await file.flush();
    expect(file.write(line(8))).toBe(false);
    expect(file.stats).toMatchObject({ written: 0, lost: 4, queuedBytes: 5 * LINE_BYTES });

    disk.broken = undefined;
    await file.flush();
    expect(linesOf(path)).toEqual([0, 1, 2, 3, 4].map(line).concat(lossLine(4)));
    expect(notices).toEqual([[1, `more than ${5 * LINE_BYTES} bytes wait to be written`]]);
    expect(recovered).toEqual([4]);
    expect(file.stats).toMatchObject({ written: 6, lost: 4, queuedBytes: 0 });
    await file.close();
  }));

test('each outage has one notice and one recovery, however many attempts fail', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const told: string[] = [];
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      onLost: (lost, error) => told.push(`lost ${lost} ${error.message}`),
      onRecovered: (lost) => void told.push(`recovered ${lost}`),
    });
    for (const code of ['ENOSPC', 'EIO']) {
      disk.broken = code;
      for (let number = 0; number < 5; number++) {
        file.write(line(number));
        await file.flush();
      }
      disk.broken = undefined;
      await file.flush();
    }
    expect(told).toEqual(['lost 0 ENOSPC: injected', 'recovered 0', 'lost 0 EIO: injected', 'recovered 0']);
    expect(file.stats).toMatchObject({ written: 10, lost: 0 });
    await file.close();
  }));

test('in an outage that begins before lines are lost, the first lost one is told too, and at the end all of them', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const told: string[] = [];
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      maxQueueBytes: 2 * LINE_BYTES,
      onLost: (lost, error) => told.push(`lost ${lost} ${error.message}`),
      onUnwritten: (lost) => told.push(`unwritten ${lost}`),
    });
    disk.broken = 'ENOSPC';
    for (let number = 0; number < 6; number++) {
      file.write(line(number));
      await file.flush();
    }
    const waits = `more than ${2 * LINE_BYTES} bytes wait to be written`;
    expect(told).toEqual(['lost 0 ENOSPC: injected', `lost 1 ${waits}`]);
    await file.close();
    expect(told.slice(2)).toEqual(['unwritten 6']);
    expect(file.stats).toMatchObject({ written: 0, lost: 6 });
  }));

test('a line that was torn by a failure is taken back and written again whole', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { disk, fs } = createBrokenDisk();
    const file = createNdjsonFile({ path, fs });
    Object.assign(disk, { broken: 'ENOSPC', torn: LINE_BYTES + 4 });
    for (const number of [0, 1, 2]) file.write(line(number));
    await file.flush();
    expect(readFileSync(path, 'utf8')).toBe(`${line(0)}\n`);
    expect(file.stats).toMatchObject({ written: 1, queuedBytes: 2 * LINE_BYTES });
    disk.broken = undefined;
    await file.flush();
    expect(linesOf(path)).toEqual([line(0), line(1), line(2)]);
    expect(file.stats).toMatchObject({ written: 3, lost: 0 });
    await file.close();
  }));

test('a torn line behind which another process has written stays', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { disk, fs } = createBrokenDisk();
    const file = createNdjsonFile({ path, fs });
    Object.assign(disk, { broken: 'ENOSPC', torn: 4, onFailure: () => appendFileSync(path, '\n"theirs"\n') });
    file.write(line(0));
    await file.flush();
    disk.broken = undefined;
    await file.close();
    expect(linesOf(path)).toEqual([line(0).slice(0, 4), '"theirs"', line(0)]);
  }));

test('closing during an outage tries once more, then counts what is left as lost, and tells it', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const { timers, nextTimer, pending } = createManualTimers();
    const told: string[] = [];
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      timers,
      onLost: (lost, error) => told.push(`lost ${lost} ${error.message}`),
      onUnwritten: (lost, error) => told.push(`unwritten ${lost} ${error.message}`),
    });
    disk.broken = 'ENOSPC';
    for (const number of [0, 1, 2]) file.write(line(number));
    await nextTimer();
    await file.close();
    expect(disk.attempts).toBe(2);
    expect(file.stats).toMatchObject({ written: 0, lost: 3, queuedBytes: 0 });
    expect(file.stats.lastError).toMatchObject({ code: 'ENOSPC' });
    expect(pending()).toEqual([]);
    expect(told).toEqual(['lost 0 ENOSPC: injected', 'unwritten 3 ENOSPC: injected']);
  }));

test('what the listeners throw does not reach whoever writes', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const { disk, fs } = createBrokenDisk();
    const angry = (): never => {
      throw new Error('no');
    };
    const file = createNdjsonFile({ path, fs, maxQueueBytes: LINE_BYTES, onLost: angry, onRecovered: angry });
    disk.broken = 'EIO';
    expect([file.write(line(0)), file.write(line(1))]).toEqual([true, false]);
    await file.flush();
    disk.broken = undefined;
    await file.flush();
    file.write(line(2));
    await file.close();
    expect(linesOf(path)).toEqual([line(0), line(2)]);
  }));

test('a line that is larger than a file may be is lost, and said to be', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const file = createNdjsonFile({ path, maxFileBytes: 100, onRecovered: lossLine });
    expect(file.write(JSON.stringify('x'.repeat(100)))).toBe(false);
    await file.close();
    expect(linesOf(path)).toEqual([lossLine(1)]);
  }));

test('a file system that takes no bytes and reports no error is a failing one', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    let full = true;
    const fs = withWrites(
      (write) =>
        async (...call) =>
          full ? { bytesWritten: 0 } : write(...call),
    );
    const file = createNdjsonFile({ path, fs });
    file.write(line(0));
    await file.flush();
    expect(file.stats).toMatchObject({
      written: 0,
      lost: 0,
      lastError: { message: 'the file takes no more bytes' },
    });
    full = false;
    await file.close();
    expect(linesOf(path)).toEqual([line(0)]);
  }));

test('an old file in the way of the first line is an outage that ends when it is gone', () =>
  inDirectory(async (directory) => {
    const folder = join(directory, 'logs');
    writeFileSync(folder, 'not a directory');
    const file = createNdjsonFile({ path: join(folder, 'proto.ndjson') });
    file.write(line(0));
    await file.flush();
    expect(file.stats).toMatchObject({ written: 0, lastError: { code: 'EEXIST' } });
    await nodeFs.rm(folder, { force: true });
    await file.close();
    expect(linesOf(join(folder, 'proto.ndjson'))).toEqual([line(0)]);
  }));

test('the last quarter of the queue is for what says how a request began and ended', () =>
  inDirectory(async (directory) => {
    const { disk, fs } = createBrokenDisk();
    const file = createNdjsonFile({
      path: join(directory, 'proto.ndjson'),
      fs,
      maxQueueBytes: 4 * LINE_BYTES,
      onLost: () => undefined,
    });
    disk.broken = 'EIO';
    const ordinary = () => file.write(line(0), { isEssential: false });
    expect([ordinary(), ordinary(), ordinary(), ordinary()]).toEqual([true, true, true, false]);
    expect([file.write(line(1)), file.write(line(2))]).toEqual([true, false]);
    disk.broken = undefined;
    await file.close();
  }));

test('a line that comes while the file closes is lost, and nobody is told that the file can be written again', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const told: string[] = [];
    const file = createNdjsonFile({
      path,
      onLost: (lost, error) => told.push(`lost ${lost}: ${error.message}`),
      onUnwritten: (lost, error) => told.push(`unwritten ${lost}: ${error.message}`),
      onRecovered: (lost) => void told.push(`recovered ${lost}`),
    });
    file.write(line(0));
    const closed = file.close();
    expect(file.write(line(1))).toBe(false);
    await closed;
    expect(file.write(line(2))).toBe(false);
    expect(linesOf(path)).toEqual([line(0)]);
    expect(told).toEqual(['unwritten 1: the file was closed before they were written']);
    expect(file.stats).toMatchObject({ written: 1, lost: 2 });
  }));
