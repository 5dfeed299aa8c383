import { MAX_ANSWER_CHARS } from '../../src/backend/answer-bound.ts';
import { createBackendIo } from '../../src/backend/backend-io.ts';
import { GatewayError } from '../../src/errors.ts';
import type { Answer, RunningTurn } from '../../src/gateway/ports.ts';
import type { Turn, TurnEvents } from '../../src/gateway/turn.ts';
import type { Pace } from '../../src/pace.ts';
import {
  aRunningTurn,
  aTurn,
  aUsage,
  BACKEND,
  createFakeExchange,
  done,
  saying,
  text,
} from '../support/fake-exchange.ts';
import { countingPace, stuckPace } from '../support/pace.ts';
import { allOf, each } from '../support/turn-events.ts';

const run = async (events: TurnEvents, turn: Partial<Turn> = {}, model: string | null = 'echo-1') => {
  const exchange = createFakeExchange();
  const running = aRunningTurn({ model, events });
  const answer = { type: 'turn', turn: aTurn(turn), running, backend: BACKEND } satisfies Answer;
  const told = await allOf(createBackendIo()(exchange, answer));
  const span = exchange.trace.phases.get('backend_io');
  if (!span) throw new Error('no span');
  return { told, span };
};

test('the span says whom was asked, for what, by which names of the conventions', async () => {
  const { span } = await run(saying(text('Hi'), { type: 'usage', usage: aUsage }, done));
  expect(span.kind).toBe('CLIENT');
  expect(span.attributes).toEqual({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'codex',
    'gen_ai.agent.name': 'codex',
    'gen_ai.request.model': 'echo',
    'gen_ai.response.model': 'echo-1',
    'gen_ai.conversation.id': 'th',
    'gen_ai.request.stream': true,
    'gen_ai.response.time_to_first_chunk': 0,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.cache_read.input_tokens': 4,
    'gen_ai.usage.cache_creation.input_tokens': 3,
    'gen_ai.usage.output_tokens': 6,
    'gen_ai.usage.reasoning.output_tokens': 2,
    outcome: 'completed',
  });
});

test('a backend that names no model, a plain answer and no usage leave nothing behind', async () => {
  const { span } = await run(saying(text('Hi'), done), { stream: false }, null);
  const names = Object.entries(span.attributes).filter(([, value]) => value !== undefined);
  expect(
    names.map(([name]) => name).filter((name) => /response\.model|stream|output|usage/.test(name)),
  ).toEqual([]);
});

test('an answer that a schema asks for is JSON', async () => {
  const { span } = await run(saying(text('{}'), done), { outputSchema: { type: 'object' } });
  expect(span.attributes).toMatchObject({ 'gen_ai.output.type': 'json' });
});

test.each(['stop', 'tool_calls', 'length', 'content_filter'] as const)(
  'an answer that ends with %s is complete, and says so',
  async (finishReason) => {
    const { span } = await run(saying({ type: 'done', finishReason }));
    expect(span.attributes).toMatchObject({
      outcome: 'completed',
      'gen_ai.response.finish_reasons': [finishReason],
    });
    expect(span).toMatchObject({ ended: true, failure: null });
  },
);

test('a failure fails the span by its code, with what had been used until then', async () => {
  const failed = { type: 'failed', error: new GatewayError('backend_overloaded', 'x') } as const;
  const { span } = await run(saying({ type: 'usage', usage: aUsage }, failed));
  expect(span.failure).toMatchObject({ type: 'backend_overloaded' });
  expect(span.attributes).toMatchObject({ outcome: 'overloaded', 'gen_ai.usage.input_tokens': 10 });
});

test.each([[''], ['never said']])(
  'an answer that grows without end fails, with the stop sequence "%s" and without',
  async (stop) => {
    const turn = { stop: [stop].filter((sequence) => sequence !== '') };
    const { told, span } = await run(saying(text('x'.repeat(MAX_ANSWER_CHARS + 1)), done), turn);
    expect(told).toMatchObject([{ type: 'failed', error: { code: 'answer_too_large' } }]);
    expect(span).toMatchObject({ ended: true, failure: { type: 'answer_too_large' } });
  },
);

test('a long answer is handed on over many turns of the event loop, and nothing rests behind its last event', async () => {
  const { pace, turns } = countingPace(10);
  const read = async (running: RunningTurn, by: Pace): Promise<number> => {
    let count = 0;
    const answer = { type: 'turn', turn: aTurn(), running, backend: BACKEND } as const;
    for await (const _ of each(createBackendIo(by)(createFakeExchange(), answer))) count++;
    return count;
  };
  const many = Array.from({ length: 5_000 }, () => text('x'));
  expect(await read(aRunningTurn({ events: saying(...many, done) }), pace)).toBe(5_001);
  expect(turns()).toBeGreaterThan(400);
  expect(await read(aRunningTurn({ events: saying(done) }), stuckPace)).toBe(1);
});
