import { MAX_FRAME_BYTES } from '../../../../src/backend/http-upstream/read-along/frames.ts';
import { createStreamReading } from '../../../../src/backend/http-upstream/read-along/stream-reading.ts';
import type { Api } from '../../../../src/gateway/relay.ts';
import { bytesOf, chunk, DONE, events, named } from '../../../fixtures/upstream/upstream-case.ts';
import { createFakeSpan, shownValue } from '../../../support/fake-span.ts';
import { noPace } from '../../../support/pace.ts';

const read = async (
  reads: readonly (string | Uint8Array)[],
  { api = 'chat', hidesUsage = false }: { api?: Api; hidesUsage?: boolean } = {},
) => {
  const reading = createStreamReading({ api, hidesUsage, span: createFakeSpan(), pace: noPace });
  const pieces = [];
  for (const piece of reads)
    pieces.push(await reading.push(typeof piece === 'string' ? bytesOf(piece) : piece));
  pieces.push(await reading.end());
  const frames = pieces.flatMap((piece) => piece.frames);
  const out = Buffer.concat(pieces.map(({ bytes }) => bytes));
  return { frames, shown: frames.map(({ shown }) => shownValue(shown)), out: out.toString(), reading };
};

const USAGE = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } };
const HI = chunk({ content: 'Hi' });
const STOP = chunk({}, 'stop');

test('a stream of events without text leaves places on the span: for its first events, and for its terminal one', async () => {
  const { frames } = await read([events(...Array.from({ length: 200 }, () => chunk({})), DONE)]);
  const kept = frames.flatMap(({ bulk }, at) => (bulk ? [] : [at]));
  expect(kept.length).toBeLessThan(32);
  expect([kept[0], kept.at(-1)]).toEqual([0, 200]);
});

describe('what events show of a stream', () => {
  const SECRET = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
  const halves = [SECRET.slice(0, 20), SECRET.slice(20)];

  test.each<[string, (text: string) => object]>([
    ['content', (text: string) => chunk({ content: text })],
    ['reasoning', (text: string) => chunk({ reasoning_content: text })],
    ['parts', (text: string) => chunk({ content: [{ type: 'text', text }] })],
    ['a field of its own', (text: string) => chunk({ my_text: { deep: text } })],
    ['arguments', (text: string) => chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] })],
    ['a completion', (text: string): object => ({ choices: [{ index: 0, text }] })],
  ])('a secret that is split over deltas of %s is not among it', async (_, shape) => {
    const { shown } = await read([events(...halves.map(shape), STOP, DONE)]);
    const all = JSON.stringify(shown);
    for (const half of halves) expect(all).not.toContain(half);
    expect(all).toContain('REDACTED');
  });

  test('nor one that is split over deltas of a response', async () => {
    const deltas = halves.map((delta) => named({ type: 'response.output_text.delta', item_id: 'm', delta }));
    const { shown } = await read([deltas.join('') + named({ type: 'response.completed', response: {} })], {
      api: 'responses',
    });
    for (const half of halves) expect(JSON.stringify(shown)).not.toContain(half);
  });

  test('nor one that is split over events without JSON', async () => {
    const { shown } = await read([events(...halves)], { api: 'other' });
    for (const half of halves) expect(JSON.stringify(shown)).not.toContain(half);
  });

  test('an event between two deltas does not tell what is held back', async () => {
    const [first = '', second = ''] = halves;
    const { shown } = await read([
      events(chunk({ content: first }), { choices: [] }, chunk({ content: second }), STOP, DONE),
    ]);
    expect(JSON.stringify(shown)).not.toContain(first);
  });

  test('log probabilities, which have each token by itself, are not among it', async () => {
    const logprobs = { content: [{ token: 'Hi', logprob: -1, bytes: [72, 105] }] };
    const { shown } = await read([
      events({ choices: [{ index: 0, delta: { content: 'Hi' }, logprobs }] }, STOP, DONE),
    ]);
    expect(shown[0]).toMatchObject({ choices: [{ logprobs: '[not shown]' }] });
  });

  test('the last word is told with the terminal frame', async () => {
    const { shown } = await read([
      events(chunk({ content: 'Hello wor' }), chunk({ content: 'ld' }), STOP, DONE),
    ]);
    expect(shown.slice(0, 2)).toMatchObject([
      { choices: [{ delta: { content: 'Hello ' } }] },
      { choices: [{ delta: { content: '' } }] },
    ]);
    expect(shown.at(-1)).toEqual({ data: '[DONE]', held_text: 'world' });
  });

  test('of an answer that fails or breaks off, the length alone: it may end within a secret', async () => {
    const begun = events(chunk({ content: 'the key is sk-' }), chunk({ content: 'proj-a1' }));
    const failed = await read([begun, events({ error: { message: 'so' } }, DONE)]);
    expect(failed.shown.at(-1)).toEqual({ data: '[DONE]', held_chars: 10 });
    const cut = await read([begun]);
    expect(shownValue(cut.reading.rest())).toEqual({ held_chars: 10 });
    for (const { shown } of [failed, cut]) expect(JSON.stringify(shown)).not.toContain('proj');
  });

  test('a text beside the delta of a choice, or of the event itself, is one', async () => {
    const ways: ((text: string) => object)[] = [
      (text: string) => ({ choices: [{ index: 0, text: '', reasoning: text }] }),
      (text: string) => ({ choices: [{ index: 0, own: { words: text } }] }),
      (text: string) => ({ content: text }),
    ];
    for (const say of ways) {
      const { shown } = await read([events(...['the key is sk-proj-', 'a1B2', '.'].map(say), DONE)]);
      expect(JSON.stringify(shown.slice(0, 3))).not.toMatch(/sk-|a1B2/);
    }
  });

  test('a terminal frame that is an object has it as a member', async () => {
    const { shown } = await read(
      [
        named({ type: 'response.output_text.delta', item_id: 'm', delta: 'Hi' }) +
          named({ type: 'response.completed', response: {} }),
      ],
      { api: 'responses' },
    );
    expect(shown.at(-1)).toEqual({ type: 'response.completed', response: {}, held_text: 'Hi' });
  });

  test('deltas are many alike, and the others are not', async () => {
    const { frames } = await read([events(HI, STOP, DONE)]);
    expect(frames.map(({ bulk, terminal }) => [bulk, terminal])).toEqual([
      [true, false],
      [false, false],
      [false, true],
    ]);
  });
});

describe('the event that the gateway asked for', () => {
  const stream = events(HI, STOP, USAGE, DONE).replaceAll('\n', '\r\n');
  const left = events(HI, STOP, DONE).replaceAll('\n', '\r\n');

  test('is read, and left out wherever the stream is cut', async () => {
    const differing: number[] = [];
    for (let at = 1; at < stream.length; at++) {
      const { out, reading } = await read([stream.slice(0, at), stream.slice(at)], { hidesUsage: true });
      if (out !== left || reading.facts.usage?.total_tokens !== 3) differing.push(at);
    }
    expect(differing).toEqual([]);
  });

  test('is left out where it comes byte by byte, and where it is the last without a blank line', async () => {
    expect((await read([...stream], { hidesUsage: true })).out).toBe(left);
    expect((await read([events(HI, STOP), `data: ${JSON.stringify(USAGE)}`], { hidesUsage: true })).out).toBe(
      events(HI, STOP),
    );
  });

  test('is the only one: usage beside a choice, usage: null and comments go on', async () => {
    const others = `${events(
      { choices: [], usage: null, prompt_filter_results: [] },
      chunk({}, 'stop', { usage: USAGE.usage }),
    )}: a comment\n\ndata: text\n\n\n`;
    expect((await read([others], { hidesUsage: true })).out).toBe(others);
  });

  test('keeps nobody waiting behind an event that is too long to be read', async () => {
    const reading = createStreamReading({
      api: 'chat',
      hidesUsage: true,
      span: createFakeSpan(),
      pace: noPace,
    });
    const long = `data: ${'x'.repeat(MAX_FRAME_BYTES)}`;
    expect((await reading.push(bytesOf(long))).bytes).toHaveLength(long.length);
    expect(reading.inFrame).toBe(true);
    expect(Buffer.from((await reading.push(bytesOf(`xyz\n\n${events(USAGE)}`))).bytes).toString()).toBe(
      'xyz\n\n',
    );
    expect(reading.inFrame).toBe(false);
  });
});

test('an event with too many values to be parsed passes unread', async () => {
  const many = `[${'1,'.repeat(300_000)}1]`;
  const { shown, out } = await read([`data: ${many}\n\n`]);
  expect(shown).toEqual([{ unread_chars: many.length }]);
  expect(out).toHaveLength(many.length + 8);
});

test('JSON that is nested too deeply to be walked is no matter', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const event = `{"choices":[{"delta":{"content":${deep},"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}`;
  const { out } = await read([`data: ${event}\n\n`]);
  expect(out).toHaveLength(event.length + 8);
});

test('a stream of 50 MB leaves as it came, and no more than one frame of it stays', async () => {
  const reading = createStreamReading({
    api: 'chat',
    hidesUsage: true,
    span: createFakeSpan(),
    pace: noPace,
  });
  const piece = bytesOf(events(chunk({ content: `${'word '.repeat(12_000)}\n` })));
  const rounds = Math.ceil((50 * 1024 * 1024) / piece.length);
  const cut = 4_000;
  let written = 0;
  let waiting = 0;
  for (let round = 0; round < rounds; round++) {
    for (const part of [piece.subarray(0, cut), piece.subarray(cut)]) {
      written += (await reading.push(part)).bytes.length;
      waiting = Math.max(waiting, round * piece.length + part.length - written);
    }
  }
  written += (await reading.end()).bytes.length;
  expect(written).toBe(rounds * piece.length);
  expect(waiting).toBeLessThanOrEqual(piece.length);
});
