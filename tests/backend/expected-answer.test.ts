import { withExpectedAnswers } from '../../src/backend/expected-answer.ts';
import { GatewayError } from '../../src/errors.ts';
import type { TurnBackend } from '../../src/gateway/ports.ts';
import type { Expected, Turn, TurnEvent, Usage } from '../../src/gateway/turn.ts';
import { aRunningTurn, aTurn, aUsage, done, saying, text } from '../support/fake-exchange.ts';
import { createFakeSpan } from '../support/fake-span.ts';
import { allOf } from '../support/turn-events.ts';

const NOTHING: Expected = { mustCall: false, oneCall: false, isJson: false };
const weather = { name: 'weather', description: '', parameters: {} };
const call = (callId: string): TurnEvent => ({ type: 'tool_call', callId, name: 'weather', arguments: '{}' });
const called: TurnEvent = { type: 'done', finishReason: 'tool_calls' };
const usage: TurnEvent = { type: 'usage', usage: aUsage };
const twice = {
  total_tokens: 2 * aUsage.total_tokens,
  input_tokens: 2 * aUsage.input_tokens,
} as Partial<Usage>;

/** A backend that says one of these for each turn that it gets. */
const ask = async (expected: Partial<Expected>, ...answers: (TurnEvent | Error)[][]) => {
  const turns: Turn[] = [];
  const released: number[] = [];
  const backend = {
    provider: 'fake',
    async submit(_, turn) {
      const number = turns.push(turn);
      const [first, ...rest] = answers[number - 1] ?? [];
      if (first instanceof Error) throw first;
      const events = first ? [first, ...rest] : [];
      return aRunningTurn({ events: saying(...events), release: () => void released.push(number) });
    },
  } as TurnBackend;
  const turn = aTurn({ tools: [weather], instructions: 'Be kind.', expected: { ...NOTHING, ...expected } });
  const context = { span: createFakeSpan('x'), signal: new AbortController().signal };
  const running = await withExpectedAnswers(backend).submit(context, turn);
  const told = await allOf(running.events);
  running.release();
  return { told, turns, released };
};

test('a turn of which nothing is expected goes through as it is', async () => {
  const submitted: Turn[] = [];
  const submit = async (_: unknown, turn: Turn) => {
    submitted.push(turn);
    return aRunningTurn();
  };
  const turn = aTurn();
  await withExpectedAnswers({ submit } as unknown as TurnBackend).submit({} as never, turn);
  expect(submitted).toEqual([turn]);
});

test('an answer with the call that was demanded is told, with its preamble; the model was told the rule, beside its instructions', async () => {
  const { told, turns } = await ask({ mustCall: true }, [text('Let me see.'), call('a'), usage, called]);
  expect(told).toEqual([text('Let me see.'), call('a'), { ...usage, isPartial: false }, called]);
  expect(turns).toMatchObject([{ instructions: 'Be kind.', rules: expect.stringContaining('weather') }]);
});

test('one without it is asked for once more, behind what was said, with a reminder; nothing of it is told, but all that was used', async () => {
  const { told, turns } = await ask(
    { mustCall: true },
    [text('No.'), usage, done],
    [call('a'), usage, called],
  );
  expect(told).toEqual([
    call('a'),
    expect.objectContaining({ usage: expect.objectContaining(twice) }),
    called,
  ]);
  expect(turns[1]?.history).toEqual([
    { type: 'message', role: 'user', parts: [{ type: 'text', text: 'hello' }] },
    { type: 'message', role: 'assistant', parts: [{ type: 'text', text: 'No.' }] },
  ]);
  expect(turns[1]?.input).toEqual([{ type: 'text', text: expect.stringContaining('not called') }]);
});

test.each([
  [{ mustCall: true }, 'tool_not_called'],
  [{ isJson: true }, 'invalid_json_answer'],
])(
  'two without what was expected (%j) fail with a code of their own, and tell what was used',
  async (expected, code) => {
    const { told, turns } = await ask(
      expected,
      [text('No.'), usage, done],
      [text('[1]'), usage, done],
      [done],
    );
    expect(told).toMatchObject([
      { type: 'usage', usage: twice },
      { type: 'failed', error: { code, status: 502 } },
    ]);
    expect(turns).toHaveLength(2);
  },
);

test.each(['{"a":1}', ' {"a":1}\n'])(
  'a JSON object (%j) is the answer, without what was said on the way',
  async (json) => {
    const answer = [text('Let me see.', 0), text(json.slice(0, 3), 1), text(json.slice(3), 1), done];
    const { told, turns } = await ask({ isJson: true }, answer);
    expect(told).toMatchObject([{ type: 'text', delta: json }, done]);
    expect(turns).toHaveLength(1);
  },
);

test('a call is no answer that could be JSON', async () => {
  const { turns } = await ask({ isJson: true }, [call('a'), called]);
  expect(turns).toHaveLength(1);
});

test('an answer that was cut for its length is told as it is', async () => {
  const cut: TurnEvent = { type: 'done', finishReason: 'length' };
  const { told } = await ask({ isJson: true }, [text('{"a'), cut]);
  expect(told).toEqual([text('{"a'), cut]);
});

test('of several calls the first one is told where one at a time was demanded, and text is not held back', async () => {
  const events = [text('Let me see.'), call('a'), call('b'), usage, called];
  const { told, turns } = await ask({ oneCall: true }, events);
  expect(told).toEqual([text('Let me see.'), call('a'), usage, called]);
  expect(turns[0]?.rules).toContain('at most one tool');
  expect((await ask({ oneCall: true, mustCall: true }, events)).told).toEqual([
    text('Let me see.'),
    call('a'),
    { ...usage, isPartial: false },
    called,
  ]);
});

test('a turn that fails is not tried again, and neither is one that cannot be tried again', async () => {
  const error = new GatewayError('backend_error', 'no');
  const failed: TurnEvent = { type: 'failed', error };
  expect((await ask({ mustCall: true }, [text('x'), failed])).told).toEqual([failed]);
  const { told } = await ask({ mustCall: true }, [text('No.'), usage, done], [error]);
  expect(told).toMatchObject([
    { type: 'usage', usage: aUsage, isPartial: true },
    { type: 'failed', error: { code: 'backend_error' } },
  ]);
});

test('the turn that runs is the one that is let go', async () => {
  expect((await ask({ mustCall: true }, [done], [call('a'), called])).released).toContain(2);
});

test('JSON of so many values that reading it would hold the loop is not what was asked for', async () => {
  const many = text(`{"a":[${'[],'.repeat(300_000)}0]}`);
  const { told, turns } = await ask({ isJson: true }, [many, done], [many, done]);
  expect(turns).toHaveLength(2);
  expect(told.at(-1)).toMatchObject({ type: 'failed', error: { code: 'invalid_json_answer' } });
});

test('a long answer that was held back is told in pieces', async () => {
  const long = `{"a":"${'x'.repeat(200_000)}"}`;
  const { told } = await ask({ isJson: true }, [text(long), done]);
  const deltas = told.flatMap((event) => (event.type === 'text' ? [event.delta] : []));
  expect(deltas.join('')).toBe(long);
  expect(Math.max(...deltas.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
});
