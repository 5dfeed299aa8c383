import { payloadsOf } from '../../../support/fake-span.ts';
import {
  itemCompleted,
  itemStarted,
  rawCall,
  rawOutput,
  rawResponseEnd,
  textDelta,
  tokens,
  toolAsk,
  turnCompleted,
  turnStarted,
} from '../../../support/notifications.ts';
import { openRoute } from '../../../support/open-route.ts';
import { each } from '../../../support/turn-events.ts';

const openWithTool = () => {
  const opened = openRoute();
  opened.route.offer([{ name: 'get_weather', description: '', parameters: {} }]);
  return opened;
};

test('a response that calls tools of the client ends the answer with them and with the usage of the turn', async () => {
  const { take, answer, span, timers } = openWithTool();
  take(turnStarted(), textDelta('Let me see.'), tokens({ totalTokens: 16 }));
  take(rawCall('c1', 'get_weather', '{"city":"Oslo"}'), rawCall('c2', 'get_weather'), rawResponseEnd(7));
  expect(await answer()).toMatchObject([
    { type: 'text' },
    { type: 'usage' },
    { type: 'tool_call', callId: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { type: 'tool_call', callId: 'c2' },
    { type: 'usage', usage: { total_tokens: 23, input_tokens: 16, output_tokens: 7 } },
    { type: 'done', finishReason: 'tool_calls' },
  ]);
  expect(payloadsOf(span, 'tool_block').slice(0, 2)).toEqual([
    { step: 'start', call_id: 'c1', name: 'get_weather', type: 'function' },
    { step: 'arguments', call_id: 'c1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
  ]);
  expect(span.children).toEqual([]);
  expect(timers.pending).toBe(0);
});

test('a call that the app-server answers itself leaves all of its steps, unless a span of its own has them', async () => {
  const { take, answer, span } = openWithTool();
  const command = { type: 'commandExecution', id: 'c2', command: 'ls', cwd: '/', status: 'completed' };
  take(turnStarted(), rawCall('c1', 'get_weather', '{bad'), rawCall('c2', 'exec_command'), rawResponseEnd(7));
  take(itemStarted(command), rawOutput('c1', {}, 'no JSON'), itemCompleted(command), rawOutput('c2'));
  take(textDelta('So be it.'), turnCompleted());
  expect(await answer()).toMatchObject([{ type: 'text' }, { type: 'done', finishReason: 'stop' }]);
  const call = { call_id: 'c1', name: 'get_weather' };
  expect(payloadsOf(span, 'tool_block')).toEqual([
    { step: 'start', ...call, type: 'function' },
    { step: 'arguments', ...call, arguments: '{bad' },
    { step: 'result', ...call, status: null, result: 'no JSON' },
  ]);
  expect(span.children).toHaveLength(1);
});

test('injected items that are told under the id of no turn do not become the turn', async () => {
  const { take, answer, route } = openWithTool();
  const injected = { turnId: 'auto-compact-0' };
  take(rawCall('old', 'get_weather', '{}', injected), rawOutput('old', injected));
  take(turnStarted(), textDelta('sunny'), rawResponseEnd(7), turnCompleted());
  expect(await answer()).toMatchObject([{ type: 'text' }, { type: 'done', finishReason: 'stop' }]);
  expect(await route.turn.turnStarted).toBe('t');
});

test('a turn that fails behind a call fails the answer, and no timer is left', async () => {
  const { take, answer, route, timers } = openWithTool();
  take(turnStarted(), rawCall('c1', 'get_weather'));
  expect(route.ask(toolAsk('c1', 'get_weather'))).toBe(true);
  expect(timers.pending).toBe(1);
  take(turnCompleted('failed', { message: 'x', codexErrorInfo: 'serverOverloaded' }));
  expect(await answer()).toMatchObject([{ type: 'failed', error: { code: 'backend_overloaded' } }]);
  expect(timers.pending).toBe(0);
});

test('an error that is tried again does not end the turn', async () => {
  const { take, answer } = openWithTool();
  const error = { message: 'x', codexErrorInfo: 'serverOverloaded' };
  take(turnStarted(), ['error', { threadId: 'th', turnId: 't', error, willRetry: true }]);
  take(textDelta('Hi'), turnCompleted());
  expect((await answer()).map(({ type }) => type)).toEqual(['text', 'done']);
});

test('a client that reads no further leaves no timer behind', async () => {
  const { take, route, timers } = openWithTool();
  take(turnStarted(), textDelta('Hi'), rawCall('c1', 'get_weather'));
  expect(timers.pending).toBe(1);
  for await (const event of each(route.read())) if (event.type === 'text') break;
  expect(timers.pending).toBe(0);
});
