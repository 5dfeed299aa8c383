import { text } from '../support/fake-exchange.ts';
import {
  lastResponse,
  reasoning,
  responsesEncoder,
  streamOf,
  weatherCall,
  wireOf,
} from '../support/responses.ts';

/** The shapes follow `ResponseStreamEvent` of the openai package; sdk-types.test.ts holds them to it field by field. */
const typesOf = (frames: Parameters<typeof wireOf>[0]): string[] =>
  wireOf(frames).map(({ type }) => type.replace('response.', ''));

const OPENING = ['created', 'in_progress'];
const MESSAGE_BEGINS = ['output_item.added', 'content_part.added'];
const MESSAGE_ENDS = ['output_text.done', 'content_part.done', 'output_item.done'];
const SUMMARY_ENDS = ['reasoning_summary_text.done', 'reasoning_summary_part.done'];
const CALL = [
  'output_item.added',
  'function_call_arguments.delta',
  'function_call_arguments.done',
  'output_item.done',
];

test('a message is opened, told in deltas and closed, in the order of the standard', () => {
  const frames = streamOf(responsesEncoder(), [text('a '), text('b')]);
  expect(typesOf(frames)).toEqual([
    ...OPENING,
    ...MESSAGE_BEGINS,
    'output_text.delta',
    'output_text.delta',
    ...MESSAGE_ENDS,
    'completed',
  ]);
  expect(frames.map(({ event }) => event)).toEqual(wireOf(frames).map(({ type }) => type));
});

test('reasoning, a message, a call and a message are items of their own, each closed before the next', () => {
  const frames = streamOf(responsesEncoder(), [
    reasoning('r'),
    text('a'),
    weatherCall(),
    text('b', 1),
    text('c', 2),
  ]);
  const message = [...MESSAGE_BEGINS, 'output_text.delta', ...MESSAGE_ENDS];
  expect(typesOf(frames)).toEqual([
    ...OPENING,
    'output_item.added',
    'reasoning_summary_part.added',
    'reasoning_summary_text.delta',
    ...SUMMARY_ENDS,
    'output_item.done',
    ...message,
    ...CALL,
    ...message,
    ...message,
    'completed',
  ]);
});

test('every frame has the next sequence number, from 0', () => {
  const frames = streamOf(responsesEncoder(), [text('a'), weatherCall(), text('b', 1)]);
  expect(wireOf(frames).map(({ sequence_number }) => sequence_number)).toEqual(
    frames.map((_, index) => index),
  );
});

test('the ids and indexes of an item are the same in all of its frames, and in the final response', () => {
  const stream = streamOf(responsesEncoder(), [reasoning('r'), text('a'), weatherCall()]);
  const frames = wireOf(stream);
  const ids = frames.flatMap((frame) => {
    const item = frame['item'] as { id: string } | undefined;
    const id = item?.id ?? frame['item_id'];
    return id ? [[frame['output_index'], id]] : [];
  });
  const known = [
    [0, 'rs_abc_0'],
    [1, 'msg_abc_1'],
    [2, 'fc_abc_2'],
  ];
  expect([...new Set(ids.map((pair) => JSON.stringify(pair)))]).toEqual(
    known.map((pair) => JSON.stringify(pair)),
  );
  const { output } = lastResponse(stream);
  expect(output.map(({ id }, index) => [index, id])).toEqual(known);
});

test('parts of reasoning that follow each other are the summaries of one item', () => {
  const frames = streamOf(responsesEncoder(), [reasoning('a', 0), reasoning('b', 1), reasoning('c', 1)]);
  expect(typesOf(frames).slice(2, -1)).toEqual([
    'output_item.added',
    'reasoning_summary_part.added',
    'reasoning_summary_text.delta',
    ...SUMMARY_ENDS,
    'reasoning_summary_part.added',
    'reasoning_summary_text.delta',
    'reasoning_summary_text.delta',
    ...SUMMARY_ENDS,
    'output_item.done',
  ]);
  expect(wireOf(frames).at(-1)).toMatchObject({
    response: { output: [{ type: 'reasoning', summary: [{ text: 'a' }, { text: 'bc' }] }] },
  });
});

test('a message that the backend goes back to is continued as an item of its own: nothing is lost, no item reopened', () => {
  const { output } = lastResponse(streamOf(responsesEncoder(), [text('a', 0), text('b', 1), text('c', 0)]));
  expect(output.map(({ id, content }) => [id, content[0]?.text])).toEqual([
    ['msg_abc_0', 'a'],
    ['msg_abc_1', 'b'],
    ['msg_abc_2', 'c'],
  ]);
});

test('a message says what it is meant as, from its beginning to the final response', () => {
  const said = [text('a', 0), { ...text('b', 1), phase: 'final_answer' } as const];
  const frames = streamOf(responsesEncoder(), said);
  const items = wireOf(frames).flatMap(({ item }) => (item ? [(item as { phase?: string }).phase] : []));
  expect(items).toEqual([undefined, undefined, 'final_answer', 'final_answer']);
  const { output } = lastResponse(frames);
  expect(output.map((item) => 'phase' in item && item.phase)).toEqual([false, 'final_answer']);
});

test('a call is streamed with empty arguments first, then whole, and closed with its call id', () => {
  const frames = wireOf(streamOf(responsesEncoder(), [weatherCall()], 'tool_calls')).slice(2);
  const item = { id: 'fc_abc_0', type: 'function_call', call_id: 'call_1', name: 'weather' };
  expect(frames).toMatchObject([
    { item: { ...item, arguments: '', status: 'in_progress' } },
    { item_id: 'fc_abc_0', delta: '{"city":"Oslo"}' },
    { item_id: 'fc_abc_0', arguments: '{"city":"Oslo"}' },
    { item: { ...item, arguments: '{"city":"Oslo"}', status: 'completed' } },
    { type: 'response.completed', response: { status: 'completed', output: [item] } },
  ]);
});

test('a message or reasoning that was given up is closed as incomplete, and what follows is an item of its own', () => {
  const givenUp = { type: 'given_up', messages: [1], parts: [0] } as const;
  const events = [text('a'), text('b', 1), givenUp, reasoning('r'), givenUp, reasoning('s', 1), text('c', 2)];
  const { output } = lastResponse(streamOf(responsesEncoder(), events));
  expect(output).toMatchObject([
    { status: 'completed', content: [{ text: 'a' }] },
    { status: 'incomplete', content: [{ text: 'b' }] },
    { status: 'incomplete', summary: [{ text: 'r' }] },
    { status: 'completed', summary: [{ text: 's' }] },
    { status: 'completed', content: [{ text: 'c' }] },
  ]);
  const other = { type: 'given_up', messages: [7], parts: [] } as const;
  expect(responsesEncoder().content(other)).toEqual([]);
});
