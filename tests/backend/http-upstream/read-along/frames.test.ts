import {
  createFrameSplitter,
  type FrameSplitter,
  MAX_FRAME_BYTES,
  type PlacedFrame,
  type SseFrame,
} from '../../../../src/backend/http-upstream/read-along/frames.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const framesIn = (splitter: FrameSplitter, read: Uint8Array): PlacedFrame[] => {
  splitter.start(read);
  const frames: PlacedFrame[] = [];
  for (let frame = splitter.next(); frame; frame = splitter.next()) frames.push(frame);
  return frames;
};

/** The frames of a stream that comes in these reads, each with the read and the place where it ended. */
const split = (...reads: string[]) => {
  const splitter = createFrameSplitter();
  const frames = reads.flatMap((read, at) =>
    framesIn(splitter, bytesOf(read)).map(({ end, ...frame }) => ({
      frame: frame as SseFrame,
      at: [at, end],
    })),
  );
  return { frames, last: splitter.end() };
};

const event = (data: string, name: string | null = null): SseFrame => ({ type: 'event', name, data });

test('frames end where their blank line ends', () => {
  const { frames, last } = split('data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d');
  expect(frames).toEqual([
    { frame: event('a'), at: [0, 9] },
    { frame: event('b'), at: [0, 20] },
    { frame: event('c'), at: [0, 29] },
  ]);
  expect(last).toEqual({ ...event('d'), end: 0 });
});

test('a frame ends in the read that has the last of it', () => {
  expect(split('da', 'ta: a', '\n', '\nevent: x\ndata: b\n\n').frames).toEqual([
    { frame: event('a'), at: [3, 1] },
    { frame: event('b', 'x'), at: [3, 19] },
  ]);
});

test('the LF of a CRLF that is cut belongs to the frame before', () => {
  expect(split('data: a\r\n\r', '\ndata: b\r\n\r\n').frames).toEqual([
    { frame: event('a'), at: [0, 10] },
    { frame: { type: 'line-end' }, at: [1, 1] },
    { frame: event('b'), at: [1, 12] },
  ]);
});

test('the LF of a CRLF that is cut inside a frame ends no frame', () => {
  expect(split('data: a\r', '\ndata: b\r\n\r\n').frames).toEqual([{ frame: event('a\nb'), at: [1, 12] }]);
});

test('a read of nothing between CR and LF changes nothing', () => {
  expect(split('data: a\r\n\r', '', '\ndata: b\n\n').frames.map(({ frame }) => frame.type)).toEqual([
    'event',
    'line-end',
    'event',
  ]);
});

test('comments, blank lines and fields without data say nothing', () => {
  const { frames } = split(': hello\n\n\nretry: 3000\n\nevent: x\n\nid: 7\n\n');
  expect(frames.map(({ frame }) => frame.type)).toEqual(Array(5).fill('silent'));
});

test('JSON without any field is told as such', () => {
  expect(split('{"error":"no"}\n\n').frames).toEqual([
    { frame: { type: 'json', data: '{"error":"no"}\n\n' }, at: [0, 16] },
  ]);
});

test('a frame over the bound passes unread, and the next one is read', () => {
  const long = `data: ${'x'.repeat(MAX_FRAME_BYTES)}\n\n`;
  for (const reads of [[long], [long.slice(0, 100), long.slice(100)], [long.slice(0, -1), '\n']]) {
    const { frames } = split(...reads, 'data: b\n\n');
    expect(frames.map(({ frame }) => frame)).toEqual([{ type: 'unread', bytes: long.length }, event('b')]);
  }
});

test('a frame at the bound is read', () => {
  const data = 'x'.repeat(MAX_FRAME_BYTES - 'data: \n\n'.length);
  expect(split(`data: ${data}\n\n`).frames).toHaveLength(1);
  expect(split(`data: ${data}\n\n`).frames[0]?.frame.type).toBe('event');
  expect(split(`data: ${data}`, '\n\n').frames[0]?.frame.type).toBe('event');
});

test.each([
  ['', false],
  ['data: a\n\n', false],
  ['data: a\n\n: a comment\n', false],
  ['id: 7\nretry: 3\n', false],
  ['data: a\n', true],
  ['event: x\n', true],
  ['data: a\n\nd', true],
  [': a comm', true],
])('behind %j it is told whether an event is open', (text, inFrame) => {
  const splitter = createFrameSplitter();
  framesIn(splitter, bytesOf(text));
  expect(splitter.inFrame).toBe(inFrame);
});

test('bytes that are no UTF-8 are read as far as they can be', () => {
  const splitter = createFrameSplitter();
  const [frame] = framesIn(
    splitter,
    Buffer.concat([bytesOf('data: a'), Uint8Array.of(0xff), bytesOf('b\n\n')]),
  );
  expect(frame).toMatchObject({ type: 'event', data: 'a\uFFFDb' });
});
