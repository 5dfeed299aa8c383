import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createNdjsonFile, type NdjsonFs, nodeFs } from '../../src/telemetry/mirror/ndjson-file.ts';
import { filesOf, inDirectory, linesOf, readable } from './ndjson-support.ts';

const WRITER = fileURLToPath(new URL('./ndjson-writer.ts', import.meta.url));
const NAME = 'proto.ndjson';

const startWriter = (path: string, name: string, count: number, maxFileBytes: number): ChildProcess =>
  spawn(process.execPath, [WRITER, path, name, String(count), String(maxFileBytes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const linesFrom = (child: ChildProcess) => {
  if (!child.stdout) throw new Error('the writer has no stdout');
  return createInterface({ input: child.stdout });
};

const numbersOf = (lines: readonly unknown[], name: string): number[] =>
  (lines as { name: string; number: number }[])
    .filter((line) => line.name === name)
    .map(({ number }) => number);

test('of a process that is killed, every flushed line can be read and at most the last is torn', () =>
  inDirectory(async (directory) => {
    const path = join(directory, NAME);
    const child = startWriter(path, 'a', 1_000_000, 1e9);
    let flushed = 0;
    for await (const line of linesFrom(child)) {
      flushed = Number(line);
      if (flushed >= 2000) child.kill('SIGKILL');
    }
    const lines = linesOf(path);
    const { whole, torn } = readable(lines);
    expect(torn).toEqual(torn.length === 0 ? [] : lines.slice(-1));
    expect(whole.length).toBeGreaterThanOrEqual(flushed);
    expect(numbersOf(whole, 'a')).toEqual(whole.map((_, number) => number));
  }));

test.each([
  ['one file', 1e9],
  ['files that rotate', 20_000],
])('two processes that append to %s tear and lose nothing of each other', (_what, maxFileBytes) =>
  inDirectory(async (directory) => {
    const count = 2000;
    const path = join(directory, NAME);
    const writers = ['a', 'b'].map((name) => startWriter(path, name, count, maxFileBytes));
    for (const writer of writers) writer.stdout?.resume();
    const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')));
    expect(exits).toEqual([
      [0, null],
      [0, null],
    ]);
    const files = filesOf(directory, NAME);
    const { whole, torn } = readable(files.flatMap(linesOf));
    expect(torn).toEqual([]);
    expect(files.length > 1).toBe(maxFileBytes < 1e9);
    for (const name of ['a', 'b']) {
      expect(new Set(numbersOf(whole, name))).toEqual(
        new Set(Array.from({ length: count }, (_, number) => number)),
      );
    }
    expect(whole.length).toBe(2 * count);
  }),
);

/** A file system that tells, as one does while another process appends, a size in the middle of what is being written. */
const inMidWrite = (lines: string, rest: string): NdjsonFs => ({
  ...nodeFs,
  async open(path, flags, mode) {
    const handle = await nodeFs.open(path, flags, mode);
    let writing = true;
    return {
      write: (buffer, offset, length) => handle.write(buffer, offset, length),
      read: (buffer, offset, length, position) => handle.read(buffer, offset, length, position),
      async stat() {
        const identity = await handle.stat();
        const size = writing ? lines.length - 3 : lines.length + rest.length;
        return Object.assign(identity, { size });
      },
      truncate: (length) => handle.truncate(length),
      async chmod(given) {
        expect(given).toBe(0o600);
        writing = false;
      },
      close: () => handle.close(),
    };
  },
});

test.each([
  ['whole lines', '', []],
  ['half a line', '{"to', ['{"to']],
])(
  'what another process is writing when the file is opened is no torn line: it ends with %s',
  (_what, rest, torn) =>
    inDirectory(async (directory) => {
      const path = join(directory, NAME);
      const lines = '{"name":"a","number":1}\n{"name":"a","number":2}\n';
      writeFileSync(path, `${lines}${rest}`, { mode: 0o600 });
      const file = createNdjsonFile({ path, fs: inMidWrite(lines, rest) });
      file.write('{"name":"b","number":1}');
      await file.close();
      const found = readable(linesOf(path));
      expect(found.torn).toEqual(torn);
      expect(found.whole.length).toBe(3);
    }),
);
