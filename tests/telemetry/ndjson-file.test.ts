import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createNdjsonFile } from '../../src/telemetry/mirror/ndjson-file.ts';
import { createManualTimers, filesOf, inDirectory, linesOf, withWrites } from './ndjson-support.ts';

const line = (number: number): string => JSON.stringify({ number });
const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => line(number));

test('lines stand in the file in the order in which they were written', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const file = createNdjsonFile({ path });
    for (const text of numbers(20_000)) expect(file.write(text)).toBe(true);
    await file.close();
    expect(linesOf(path)).toEqual(numbers(20_000));
    expect(file.stats).toEqual({ written: 20_000, lost: 0, queuedBytes: 0, lastError: undefined });
  }));

test('a line is in the file within 100 ms without anyone asking for it', () =>
  inDirectory(async (directory) => {
    const written = Promise.withResolvers<number>();
    const fs = withWrites((write) => async (...call) => {
      const result = await write(...call);
      written.resolve(performance.now());
      return result;
    });
    const file = createNdjsonFile({ path: join(directory, 'proto.ndjson'), fs });
    const start = performance.now();
    file.write(line(1));
    expect((await written.promise) - start).toBeLessThan(100);
    await file.close();
  }));

test('nothing touches the disk before the first line, whose file and directory are for the owner only', () =>
  inDirectory(async (directory) => {
    const folder = join(directory, 'a', 'b');
    const path = join(folder, 'proto.ndjson');
    const file = createNdjsonFile({ path });
    await file.flush();
    expect(existsSync(join(directory, 'a'))).toBe(false);
    file.write(line(1));
    expect(existsSync(join(directory, 'a'))).toBe(false);
    await file.flush();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await file.close();
  }));

test('lines of one turn go out in one write call, and none of it starts before the turn ends', () =>
  inDirectory(async (directory) => {
    const calls: string[] = [];
    const fs = withWrites((write) => (buffer, offset, length) => {
      calls.push(Buffer.from(buffer).toString('utf8', offset, offset + length));
      return write(buffer, offset, length);
    });
    const file = createNdjsonFile({ path: join(directory, 'proto.ndjson'), fs });
    for (const text of numbers(3)) file.write(text);
    expect(calls).toEqual([]);
    await file.close();
    expect(calls).toEqual([`${numbers(3).join('\n')}\n`]);
  }));

test('a file system that writes a few bytes a call still gets whole lines', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const fs = withWrites((write) => (buffer, offset, length) => write(buffer, offset, Math.min(length, 3)));
    const file = createNdjsonFile({ path, fs });
    for (const text of [...numbers(50), '{"text":"Grüße 🌍"}']) file.write(text);
    await file.close();
    expect(linesOf(path)).toEqual([...numbers(50), '{"text":"Grüße 🌍"}']);
  }));

test('an existing file is appended to', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    writeFileSync(path, `${line(1)}\n`);
    const file = createNdjsonFile({ path });
    file.write(line(2));
    await file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${line(1)}\n${line(2)}\n`);
  }));

test('a torn last line of an existing file is ended first', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    writeFileSync(path, `${line(1)}\n{"numb`);
    const file = createNdjsonFile({ path });
    file.write(line(2));
    await file.close();
    expect(linesOf(path)).toEqual([line(1), '{"numb', line(2)]);
  }));

test.each([
  ['deleted', async (path: string) => rmSync(path)],
  ['moved away', (path: string) => rename(path, `${path}.moved`)],
  ['deleted with its directory', async (path: string) => rmSync(join(path, '..'), { recursive: true })],
  [
    'replaced by another',
    async (path: string) => {
      rmSync(path);
      writeFileSync(path, '');
    },
  ],
])('a file that was %s is made again within a second', (_how, remove) =>
  inDirectory(async (directory) => {
    const path = join(directory, 'logs', 'proto.ndjson');
    const { timers, advance } = createManualTimers();
    const file = createNdjsonFile({ path, timers });
    file.write(line(1));
    await file.flush();
    await remove(path);
    advance(1000);
    file.write(line(2));
    await file.flush();
    expect(linesOf(path)).toEqual([line(2)]);
    await file.close();
    expect(file.stats.lost).toBe(0);
  }),
);

test('the name of the file is looked up once a second at most', () =>
  inDirectory(async (directory) => {
    let lookups = 0;
    const { timers, advance } = createManualTimers();
    const real = withWrites((write) => write);
    const stat = (path: string) => {
      lookups++;
      return real.stat(path);
    };
    const fs = { ...real, stat };
    const file = createNdjsonFile({ path: join(directory, 'proto.ndjson'), timers, fs });
    const writeAndFlush = async () => {
      file.write(line(1));
      await file.flush();
    };
    for (let round = 0; round < 5; round++) await writeAndFlush();
    expect(lookups).toBe(0);
    advance(1000);
    for (let round = 0; round < 5; round++) await writeAndFlush();
    expect(lookups).toBe(1);
    await file.close();
  }));

test('closing twice is harmless, and a line after it is lost and counted', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'proto.ndjson');
    const lost: number[] = [];
    const file = createNdjsonFile({ path, onLost: (count) => lost.push(count) });
    file.write(line(1));
    await Promise.all([file.close(), file.close()]);
    await file.close();
    expect(file.write(line(2))).toBe(false);
    expect(file.write(line(3))).toBe(false);
    expect(linesOf(path)).toEqual([line(1)]);
    expect(file.stats).toMatchObject({ written: 1, lost: 2 });
    expect(lost).toEqual([1]);
  }));

test('a file that nothing was written to closes without a trace', () =>
  inDirectory(async (directory) => {
    await createNdjsonFile({ path: join(directory, 'proto.ndjson') }).close();
    expect(filesOf(directory, 'proto.ndjson')).toEqual([]);
  }));

test('a path that cannot be a file loses its lines and nothing else', () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'folder');
    await mkdir(path);
    const errors: Error[] = [];
    const file = createNdjsonFile({ path, onLost: (_lost, error) => errors.push(error) });
    expect(file.write(line(1))).toBe(true);
    await file.flush();
    await file.close();
    expect(file.stats).toMatchObject({ written: 0, lost: 1 });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('EISDIR')]);
  }));
