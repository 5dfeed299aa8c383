import { createToolSpans } from '../../../../src/backend/app-server/turn/tool-spans.ts';
import { createFakeSpan, payloadsOf } from '../../../support/fake-span.ts';
import { itemCompleted, itemStarted, message, type Notified } from '../../../support/notifications.ts';

const observe = (...notifications: Notified[]) => {
  const parent = createFakeSpan('backend_io');
  const tools = createToolSpans();
  for (const [method, params] of notifications) tools.observe(parent, method, params);
  return { spans: parent.children, parent, tools };
};

const command = (id: string, status = 'inProgress') => ({
  type: 'commandExecution',
  id,
  command: 'ls',
  status,
});

test('a command opens a span with its start and closes it with its end', () => {
  const { spans } = observe(itemStarted(command('c1')), itemCompleted(command('c1', 'completed')));
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({
    name: 'execute_tool shell',
    kind: 'INTERNAL',
    ended: true,
    failure: null,
  });
  expect(spans[0]?.attributes).toEqual({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'shell',
    'gen_ai.tool.call.id': 'c1',
    'gen_ai.tool.type': 'extension',
  });
});

test('a tool is recorded in three steps: its start, its arguments and its result', () => {
  const ended = { ...command('c1', 'completed'), exitCode: 0, aggregatedOutput: 'a.txt' };
  const { spans } = observe(itemStarted(command('c1')), itemCompleted(ended));
  const call = { call_id: 'c1', name: 'shell' };
  expect(spans[0] && payloadsOf(spans[0], 'tool_block')).toEqual([
    { step: 'start', ...call, type: 'commandExecution' },
    { step: 'arguments', ...call, arguments: { command: 'ls' } },
    { step: 'result', ...call, status: 'completed', result: { exit_code: 0, output: 'a.txt' } },
  ]);
});

test.each([
  [{ type: 'fileChange', changes: ['a'] }, { changes: ['a'] }, { changes: ['a'] }],
  [{ type: 'webSearch', query: 'q' }, { query: 'q' }, null],
  [{ type: 'mcpToolCall', arguments: { a: 1 }, result: { b: 2 } }, { a: 1 }, { b: 2 }],
  [{ type: 'mcpToolCall', arguments: { a: 1 }, error: { message: 'no' } }, { a: 1 }, { message: 'no' }],
])('%j says what it was called with and what came of it', (item, given, result) => {
  const { spans } = observe(itemStarted({ id: 'x', ...item }), itemCompleted({ id: 'x', ...item }));
  expect(spans[0] && payloadsOf(spans[0], 'tool_block')).toMatchObject([
    { step: 'start' },
    { step: 'arguments', arguments: given },
    { step: 'result', status: null, result },
  ]);
});

test("a client's tool is not run by the app-server, and has no span", () => {
  const { spans } = observe(itemStarted({ type: 'dynamicToolCall', id: 'd', tool: 'get_weather' }));
  expect(spans).toEqual([]);
});

test.each([
  [{ type: 'fileChange' }, 'apply_patch'],
  [{ type: 'webSearch' }, 'web_search'],
  [{ type: 'mcpToolCall', tool: 'search' }, 'search'],
  [{ type: 'mcpToolCall' }, 'mcpToolCall'],
])('%j is the tool %s', (item, name) => {
  const { spans } = observe(itemStarted({ id: 'x', ...item }));
  expect(spans[0]?.attributes).toMatchObject({ 'gen_ai.tool.name': name, 'gen_ai.tool.type': 'extension' });
});

test.each(['failed', 'declined'])('a tool that %s fails its span', (status) => {
  const { spans } = observe(itemStarted(command('c1')), itemCompleted(command('c1', status)));
  expect(spans[0]).toMatchObject({ ended: true, failure: { type: 'tool_error' } });
});

test('tools that run at once have a span each', () => {
  const { spans } = observe(
    itemStarted(command('a')),
    itemStarted(command('b')),
    itemCompleted(command('a', 'completed')),
  );
  expect(spans.map(({ ended }) => ended)).toEqual([true, false]);
});

test('a tool of which only the end is told has a span too', () => {
  const { spans } = observe(itemCompleted(command('c1', 'completed')));
  expect(spans).toHaveLength(1);
  expect(spans[0]?.ended).toBe(true);
});

test('a start that is told twice opens one span', () => {
  expect(observe(itemStarted(command('c1')), itemStarted(command('c1'))).spans).toHaveLength(1);
});

test('messages, thoughts and other notifications are no tools', () => {
  const { spans } = observe(
    itemStarted(message('m', '')),
    itemStarted({ type: 'reasoning', id: 'r' }),
    ['item/commandExecution/outputDelta', { item: command('c1') }],
    ['item/started', {}],
    ['item/completed', { item: null }],
  );
  expect(spans).toEqual([]);
});

test('closing ends what the turn left open, once', () => {
  const { spans, tools, parent } = observe(itemStarted(command('a')), itemStarted(command('b')));
  tools.close();
  tools.close();
  expect(spans.map(({ ended }) => ended)).toEqual([true, true]);
  tools.observe(parent, ...itemStarted(command('c')));
  expect(parent.children).toHaveLength(3);
});

test('of tools that a turn leaves open, no more have a span than can be ended in one go', () => {
  const items = Array.from({ length: 1_000 }, (_, at) => itemStarted(command(`c${at}`)));
  const { spans, tools } = observe(...items);
  expect(spans).toHaveLength(128);
  tools.close();
  expect(spans.every(({ ended }) => ended)).toBe(true);
});
