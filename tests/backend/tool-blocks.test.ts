import { recordClientResults } from '../../src/backend/tool-blocks.ts';
import type { Item } from '../../src/gateway/turn.ts';
import { createFakeSpan, payloadsOf } from '../support/fake-span.ts';
import { countingPace, noPace } from '../support/pace.ts';

const call = (callId: string, name = 'get_weather'): Item => ({
  type: 'tool_call',
  callId,
  name,
  arguments: '{}',
});
const result = (callId: string, output: string): Item => ({ type: 'tool_result', callId, output });
const said: Item = { type: 'message', role: 'assistant', parts: [{ type: 'text', text: 'so' }] };

const blocksOf = async (history: readonly Item[]) => {
  const span = createFakeSpan();
  await recordClientResults(span, history, noPace);
  return payloadsOf(span, 'tool_block');
};

test('the results at the end of the history are recorded, those before were brought by others', async () => {
  const history = [call('a'), result('a', 'old'), said, call('b'), call('c', 'get_time')];
  expect(await blocksOf([...history, result('b', 'sun'), result('c', 'noon')])).toEqual([
    { step: 'result', call_id: 'b', name: 'get_weather', status: null, result: 'sun' },
    { step: 'result', call_id: 'c', name: 'get_time', status: null, result: 'noon' },
  ]);
});

test.each([
  ['is empty', []],
  ['ends with an answer', [call('a'), result('a', 'old'), said]],
])('a history that %s brings no result', async (_, history) => {
  expect(await blocksOf(history)).toEqual([]);
});

test('very many results are recorded over many turns of the event loop', async () => {
  const { pace, turns } = countingPace(10);
  const ids = Array.from({ length: 2_000 }, (_, at) => `c${at}`);
  const span = createFakeSpan();
  await recordClientResults(span, [...ids.map((id) => call(id)), ...ids.map((id) => result(id, 'x'))], pace);
  expect(payloadsOf(span, 'tool_block')).toHaveLength(2_000);
  expect(turns()).toBeGreaterThan(150);
});
