import { readWhole } from '../../../../src/backend/http-upstream/read-along/read-whole.ts';
import { liveHeapBytes } from '../../../support/live-heap.ts';
import { countingPace, noPace } from '../../../support/pace.ts';

const read = (text: string, api: 'chat' | 'embeddings' = 'chat') =>
  readWhole(Buffer.from(text), { api, isError: false, isEvents: false, pace: noPace });

const NUMBERS = `[${'0.5,'.repeat(300_000)}1]`;

test('embeddings that are too many to be parsed tell of their model and their usage all the same', async () => {
  const usage =
    '"usage": {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 2}, "total_tokens": 5}';
  const text = `{"object":"list","data":[{"embedding":${NUMBERS}}],"model":"m-\\u00e9",${usage}}`;
  const { facts, shown } = await read(text, 'embeddings');
  expect(facts).toMatchObject({
    model: 'm-é',
    usage: { input_tokens: 5, cached_input_tokens: 2, output_tokens: 0, total_tokens: 5 },
  });
  expect(shown).toEqual({ unread_chars: text.length });
});

test('they tell of it where it stands first, too', async () => {
  const text = `{"model":"m","usage":{"prompt_tokens":5,"total_tokens":5},"data":[{"embedding":${NUMBERS}}]}`;
  const { facts } = await read(text, 'embeddings');
  expect(facts).toMatchObject({ model: 'm', usage: { input_tokens: 5 } });
});

test.each(['"usage":{"prompt_tokens":', '"usage":{"prompt_tokens":}', '"usage":7', ''])(
  'embeddings that end in %j tell of none',
  async (end) => {
    const { facts } = await read(`{"data":[${NUMBERS}],${end}`, 'embeddings');
    expect(facts.usage).toBeNull();
  },
);

test('another answer that is too much to be parsed is believed nothing', async () => {
  const { facts } = await read(`{"choices":[${NUMBERS}],"usage":{"prompt_tokens":5}}`);
  expect(facts).toMatchObject({ usage: null, error: null });
});

test('log probabilities are not shown', async () => {
  const logprobs = { content: [{ token: 'Hi' }] };
  const { shown } = await read(JSON.stringify({ choices: [{ message: { content: 'Hi' }, logprobs }] }));
  expect(shown).toEqual({ choices: [{ message: { content: 'Hi' }, logprobs: '[not shown]' }] });
});

test('of nothing there is nothing to show', async () => {
  expect((await read('')).shown).toBeUndefined();
});

test('an event that tells an error is found behind comments, and blank lines without end hold nobody up', async () => {
  const { pace, turns } = countingPace();
  const options = { api: 'chat', isError: true, isEvents: true, pace } as const;
  const told = `: hi\n\n${'\n'.repeat(10_000)}data: {"error":{"message":"no"}}\n\n`;
  expect((await readWhole(Buffer.from(told), options)).facts.error).toMatchObject({ message: 'no' });
  const before = turns();
  await readWhole(Buffer.alloc(300_000, '\n'), options);
  expect(turns() - before).toBeGreaterThan(10);
});

test('an id that is remembered holds no more than its own characters', async () => {
  const before = liveHeapBytes();
  const ids: (string | null)[] = [];
  for (let at = 0; at < 50; at++) {
    const { facts } = await read(JSON.stringify({ id: `${at}-${'i'.repeat(1_000_000)}`, choices: [] }));
    ids.push(facts.id);
  }
  expect(liveHeapBytes() - before).toBeLessThan(10_000_000);
  expect(ids.map((id) => id?.length)).toEqual(Array.from({ length: 50 }, () => 256));
});
