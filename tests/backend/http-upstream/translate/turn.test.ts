import { GatewayError } from '../../../../src/errors.ts';
import type { Turn } from '../../../../src/gateway/turn.ts';
import { chunk, events, usage } from '../../../fixtures/upstream/upstream-case.ts';
import { aTurn } from '../../../support/fake-exchange.ts';
import { eventsOf, payloadsOf } from '../../../support/fake-span.ts';
import { allOf, callDelta, createScript, streamOf, submitTo } from './relay-script.ts';

const COUNTS = { prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 };
const weather = { name: 'weather', description: null, parameters: {} };
const withTool = (turn: Partial<Turn> = {}): Turn => aTurn({ tools: [weather], ...turn });

test('texts and thoughts are told as they come, then the usage and the end', async () => {
  const script = createScript(
    streamOf([{ reasoning: 'Hm.' }, { content: 'Hel' }, { content: 'lo.' }], 'stop', COUNTS),
  );
  const { running } = await submitTo(script, aTurn());
  expect(await allOf(running)).toEqual([
    { type: 'reasoning', delta: 'Hm.', part: 0 },
    { type: 'text', delta: 'Hel', message: 0 },
    { type: 'text', delta: 'lo.', message: 0 },
    { type: 'usage', usage: usage(10, 6) },
    { type: 'done', finishReason: 'stop' },
  ]);
  expect(running).toMatchObject({ model: 'm-1', requestedNs: 5n, sentNs: 7n, conversationId: null });
  expect(script.asked[0]?.isReleased).toBe(true);
});

test('its span is that of the call of a model: what was sent, what came, frame by frame, and the steps of calls', async () => {
  const deltas = [{ content: 'my password is hun' }, { content: 'ter2 ' }, callDelta('weather', '{}')];
  const { running, io } = await submitTo(
    createScript(streamOf(deltas, 'tool_calls')),
    withTool({ settings: { temperature: 0.5, max_tokens: 7 }, stop: ['END'] }),
  );
  await allOf(running);
  expect(running.call).toMatchObject({
    operation: 'chat',
    attributes: {
      'openai.api.type': 'chat_completions',
      'server.address': '127.0.0.1',
      'server.port': 80,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.max_tokens': 7,
      'gen_ai.request.stop_sequences': ['END'],
    },
  });
  expect(io.attributes).toMatchObject({ 'gen_ai.response.id': 'chatcmpl-1' });
  expect(eventsOf(io, 'upstream_response')).toMatchObject([{ statusCode: 200 }]);
  expect(eventsOf(io, 'upstream_chunk')).toHaveLength(5);
  expect(JSON.stringify(payloadsOf(io, 'upstream_chunk'))).not.toMatch(/hunter2|ter2/);
  expect(payloadsOf(io, 'tool_block')).toEqual([
    { step: 'start', call_id: 'c1', name: 'weather', type: 'function' },
    { step: 'arguments', call_id: 'c1', name: 'weather', arguments: '{}' },
  ]);
});

test('the results that a request brings are steps of their calls', async () => {
  const history = [
    { type: 'tool_call', callId: 'c1', name: 'weather', arguments: '{}' },
    { type: 'tool_result', callId: 'c1', output: 'sunny' },
  ] as const;
  const { submission } = await submitTo(createScript(streamOf([])), withTool({ history, input: null }));
  expect(payloadsOf(submission, 'tool_block')).toEqual([
    { step: 'result', call_id: 'c1', name: 'weather', status: null, result: 'sunny' },
  ]);
});

test('arguments that are no JSON reach the client as the model wrote them', async () => {
  const { running } = await submitTo(
    createScript(streamOf([callDelta('weather', '{"city": Oslo')], 'tool_calls')),
    withTool(),
  );
  expect(await allOf(running)).toEqual([
    { type: 'tool_call', callId: 'c1', name: 'weather', arguments: '{"city": Oslo' },
    { type: 'done', finishReason: 'tool_calls' },
  ]);
});

test.each(['length', 'content_filter'] as const)(
  'an answer that ends with %s is no failure, and the call that it ended within is left out',
  async (finish) => {
    const deltas = [{ content: 'so far' }, callDelta('weather', '{"ci')];
    const { running } = await submitTo(createScript(streamOf(deltas, finish)), withTool());
    expect(await allOf(running)).toEqual([
      { type: 'text', delta: 'so far', message: 0 },
      { type: 'done', finishReason: finish },
    ]);
  },
);

describe('a call of a tool that nobody offered', () => {
  const unknown = streamOf([{ content: 'Hm.' }, callDelta('shell', '{"a":1}')], 'tool_calls', COUNTS);

  it('is answered to the model, which is asked once more', async () => {
    const script = createScript(unknown, streamOf([{ content: 'Sunny.' }], 'stop', COUNTS));
    const turn = withTool();
    const { running, io } = await submitTo(script, turn, { headers: { 'idempotency-key': 'k' } });
    expect(await allOf(running)).toEqual([
      { type: 'text', delta: 'Hm.', message: 0 },
      { type: 'text', delta: 'Sunny.', message: 1 },
      { type: 'usage', usage: usage(20, 12) },
      { type: 'done', finishReason: 'stop' },
    ]);
    const [first, second] = script.asked;
    expect(second?.request.value).toMatchObject({
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: 'Hm.',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'shell', arguments: '{"a":1}' } }],
        },
        {
          role: 'tool',
          tool_call_id: 'c1',
          content: 'There is no tool of that name: the tools are weather.',
        },
      ],
    });
    expect(second).toMatchObject({ context: { span: io }, canFailOver: false });
    expect([first, second].map((asked) => asked?.request.headers['idempotency-key'])).toEqual([
      'k',
      undefined,
    ]);
    expect(payloadsOf(io, 'tool_block').map((block) => (block as { step: string }).step)).toEqual([
      'start',
      'arguments',
      'result',
    ]);
  });

  it('fails the turn the second time', async () => {
    const script = createScript(unknown, unknown);
    const { running } = await submitTo(script, withTool());
    const told = await allOf(running);
    expect(told.slice(-2)).toMatchObject([
      { type: 'usage', usage: usage(20, 12) },
      { type: 'failed', error: { code: 'unknown_tool_called' } },
    ]);
    expect(script.asked).toHaveLength(2);
  });

  it('is one where there are no tools at all, and where another call is of one that there is', async () => {
    const both = streamOf([callDelta('weather', '{}', 'c1'), callDelta('shell', '{}', 'c2')], 'tool_calls');
    for (const [reply, turn] of [
      [unknown, aTurn()],
      [both, withTool()],
    ] as const) {
      const script = createScript(reply, streamOf([{ content: 'Well.' }]));
      const { running } = await submitTo(script, turn);
      expect((await allOf(running)).filter(({ type }) => type === 'tool_call')).toEqual([]);
      expect(script.asked).toHaveLength(2);
    }
  });

  it('fails the turn where the model cannot be asked again', async () => {
    const gone = new GatewayError('backend_unreachable', 'It cannot be reached.');
    const { running } = await submitTo(createScript(unknown, gone), withTool());
    expect((await allOf(running)).slice(-2)).toEqual([
      { type: 'usage', usage: usage(10, 6), isPartial: true },
      { type: 'failed', error: gone },
    ]);
  });
});

test('more calls in one answer than anybody makes fail the turn', async () => {
  const calls = Array.from({ length: 257 }, (_, index) => ({
    index,
    id: `c${index}`,
    function: { name: 'weather' },
  }));
  const { running } = await submitTo(createScript(streamOf([{ tool_calls: calls }])), withTool());
  expect(await allOf(running)).toMatchObject([{ type: 'failed', error: { code: 'backend_error' } }]);
});

describe('a turn that is stopped', () => {
  const hanging = {
    reads: [events(chunk({ content: 'so ' }, null, { usage: COUNTS }))],
    hangs: true,
  };

  it('lets go of its request, and says what it had used by then', async () => {
    const script = createScript(hanging);
    const { running } = await submitTo(script, aTurn());
    for await (const event of running.events) {
      expect(event).toMatchObject([{ type: 'text' }]);
      expect(await running.stop()).toEqual({ usage: usage(10, 6), isComplete: false });
      break;
    }
    expect(script.asked[0]?.isReleased).toBe(true);
  });

  it('may be one that nobody listens to, and be let go twice', async () => {
    const script = createScript(hanging);
    const { running } = await submitTo(script, aTurn());
    running.release();
    running.release();
    expect(script.asked[0]?.isReleased).toBe(true);
  });

  it('has told all of its usage once it is over', async () => {
    const { running } = await submitTo(createScript(streamOf([], 'stop', COUNTS)), aTurn());
    const told = await allOf(running);
    const stopped = await running.stop();
    expect(stopped.isComplete).toBe(true);
    expect(told).toContainEqual({ type: 'usage', usage: stopped.usage });
  });
});

test('a stream that stays open behind its last frame is waited for no longer than a moment', async () => {
  const late: (() => void)[] = [];
  const later = (_ms: number, run: () => void) => {
    late.push(run);
    return () => undefined;
  };
  const script = createScript({ reads: streamOf([{ content: 'Hi' }]).reads, hangs: true });
  const { running } = await submitTo(script, aTurn(), { later });
  const telling = allOf(running);
  while (late.length === 0) await new Promise(setImmediate);
  late[0]?.();
  expect((await telling).at(-1)).toEqual({ type: 'done', finishReason: 'stop' });
});
