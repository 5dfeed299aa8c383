import { createLineSplitter, ofTexts } from '../src/line-splitter.ts';
import { createRandom } from './support/random.ts';

const collect = (maxBytes = 1000, reusesChunks = false) => {
  const lines: string[] = [];
  const overlong: number[] = [];
  const reader = createLineSplitter({
    maxBytes,
    reusesChunks,
    onLine: ofTexts((line) => void lines.push(line)),
    onTooLong: (bytes) => void overlong.push(bytes),
  });
  return { lines, overlong, push: (text: string | Buffer) => reader.push(Buffer.from(text)), reader };
};

const MESSAGE = '{"text":"naïve 😀 漢字 é"}';

test.each(Array.from({ length: Buffer.byteLength(MESSAGE) + 2 }, (_, at) => at))(
  'a line that is split at byte %d is one line, also inside a character',
  (at) => {
    const bytes = Buffer.from(`${MESSAGE}\n`);
    const { lines, push } = collect();
    push(bytes.subarray(0, at));
    push(bytes.subarray(at));
    expect(lines).toEqual([MESSAGE]);
  },
);

test('a line that comes byte by byte is one line', () => {
  const { lines, push } = collect();
  for (const byte of Buffer.from(`${MESSAGE}\n${MESSAGE}\n`)) push(Buffer.from([byte]));
  expect(lines).toEqual([MESSAGE, MESSAGE]);
});

test('a long line that comes byte by byte is one line too', () => {
  const { lines, push, reader } = collect(10_000);
  const text = 'long '.repeat(1000);
  for (const byte of Buffer.from(text)) reader.push(Buffer.from([byte]));
  expect(reader.pendingBytes).toBe(5000);
  push('\n');
  expect(lines).toEqual([text]);
});

test('one chunk can hold many lines and the beginning of the next', () => {
  const { lines, push, reader } = collect();
  push('one\ntwo\nthree\nfo');
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(reader.pendingBytes).toBe(2);
  push('ur\n');
  expect(lines.at(-1)).toBe('four');
  expect(reader.pendingBytes).toBe(0);
});

test('blank lines are no lines', () => {
  const { lines, push } = collect();
  push('\n\n  \n\t\r\none\n\n');
  expect(lines).toEqual(['one']);
});

test('a carriage return before the newline leaves the JSON readable', () => {
  const { lines, push } = collect();
  push(`${MESSAGE}\r\n`);
  expect(JSON.parse(lines[0] ?? '')).toEqual(JSON.parse(MESSAGE));
});

test('a line of exactly the bound is kept, and one byte more is not', () => {
  const { lines, overlong, push } = collect(4);
  push('1234\n12345\n1\n');
  expect(lines).toEqual(['1234', '1']);
  expect(overlong).toEqual([5]);
});

test('an overlong line is counted whole and not kept while it comes', () => {
  const { lines, overlong, push, reader } = collect(100);
  for (let part = 0; part < 1000; part++) {
    push('x'.repeat(50));
    expect(reader.pendingBytes).toBeLessThanOrEqual(100);
  }
  push('\nnext\n');
  expect(overlong).toEqual([50_000]);
  expect(lines).toEqual(['next']);
});

test('the bound counts bytes, not characters', () => {
  const { lines, overlong, push } = collect(4);
  push('漢字\n');
  expect(lines).toEqual([]);
  expect(overlong).toEqual([6]);
});

test('bytes that are no UTF-8 give a line and disturb none of the next', () => {
  const { lines, push } = collect();
  push(Buffer.from([0xff, 0xfe, 0xc3, 0x0a]));
  push('fine\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toBe('fine');
});

test('a chunk that its owner uses again afterwards does not change the line', () => {
  const { lines, reader } = collect(1000, true);
  const chunk = Buffer.from('begin');
  reader.push(chunk);
  chunk.fill(0);
  reader.push(Buffer.from(' end\n'));
  expect(lines).toEqual(['begin end']);
});

test('what stands after the last newline is handed over at the end, once', () => {
  const { lines, push, reader } = collect();
  push('one\ntw');
  reader.end();
  reader.end();
  expect(lines).toEqual(['one', 'tw']);
});

test('an empty line is one for whoever counts them', () => {
  const lengths: number[] = [];
  const reader = createLineSplitter({
    maxBytes: 9,
    onLine: ({ length }) => void lengths.push(length),
    onTooLong: () => undefined,
  });
  reader.push(Buffer.from('ab\n\nc'));
  reader.push(Buffer.from('\n'));
  expect(lengths).toEqual([2, 0, 1]);
});

test('twenty thousand mutated inputs neither throw nor pile up, and every byte is accounted for', () => {
  const random = createRandom(20_261_121);
  const { lines, overlong, reader } = collect(64);
  let bytes = 0;
  for (let round = 0; round < 20_000; round++) {
    const chunk = random.bytes(random.below(80), [0x0a, 0x0d, 0x20, 0x22, 0x7b, 0xc3, 0xf0, 0xff]);
    bytes += chunk.length;
    reader.push(chunk);
    expect(reader.pendingBytes).toBeLessThanOrEqual(64);
  }
  expect(bytes).toBeGreaterThan(0);
  expect(lines.length).toBeGreaterThan(1000);
  expect(overlong.length).toBeGreaterThan(0);
  expect(Math.min(...overlong)).toBeGreaterThan(64);
});
