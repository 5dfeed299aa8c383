import {
  type AnsweredCall,
  type CalledTools,
  createClientCalls,
} from '../../../../src/backend/app-server/turn/client-calls.ts';
import type { Later } from '../../../../src/later.ts';
import { rawCall, rawOutput, rawResponseEnd, toolAsk } from '../../../support/notifications.ts';

const tool = (name: string) => ({ name, description: '', parameters: {} });

/** Time that only the test moves: one timer at most is set at once. */
const createTimer = () => {
  const timer = { ms: null as number | null, fire: (): unknown => undefined };
  const later: Later = (ms, run) => {
    Object.assign(timer, { ms, fire: run });
    return () => Object.assign(timer, { ms: null, fire: () => undefined });
  };
  return { timer, later };
};

const collect = (...names: string[]) => {
  const called: CalledTools[] = [];
  const tooMany: number[] = [];
  const answered: AnsweredCall[] = [];
  const { timer, later } = createTimer();
  const calls = createClientCalls({
    onCalled: (all) => void called.push(all),
    onTooMany: (max) => void tooMany.push(max),
    onAnswered: (one) => void answered.push(one),
    later,
  });
  calls.offer(names.map(tool));
  return { calls, called, answered, tooMany, timer };
};

test('all calls of a response are given at its end, in the model’s order and with its usage', () => {
  const { calls, called, timer } = collect('a', 'b');
  calls.hear(...rawCall('c1', 'a', '{"n": 1}'));
  expect(calls.ask(toolAsk('c2', 'b'))).toBe(true);
  calls.hear(...rawCall('c2', 'b'));
  expect(calls.ask(toolAsk('c1', 'a', { n: 1 }))).toBe(true);
  expect(called).toEqual([]);
  calls.hear(...rawResponseEnd(7));
  expect(called).toMatchObject([
    {
      calls: [
        { callId: 'c1', name: 'a', arguments: '{"n": 1}' },
        { callId: 'c2', name: 'b', arguments: '{}' },
      ],
      usage: { total_tokens: 7 },
    },
  ]);
  expect(timer.ms).toBeNull();
});

test('a response without a call of the client’s is none of our business', () => {
  const { calls, called, timer } = collect('a');
  calls.hear(...rawCall('c1', 'exec_command'));
  calls.hear(...rawResponseEnd(7));
  expect([called, timer.ms]).toEqual([[], null]);
  expect(calls.ask(toolAsk('c1', 'exec_command'))).toBe(false);
  expect(calls.ask({ nothing: 'of this' })).toBe(false);
});

test('nothing is collected for a client without tools', () => {
  const { calls, called } = collect();
  calls.hear(...rawCall('c1', 'a'));
  calls.hear(...rawResponseEnd(7));
  expect(called).toEqual([]);
});

test('a call of the injected history, which has its output, is not given again', () => {
  const { calls, called } = collect('a');
  calls.hear(...rawCall('old', 'a'));
  calls.hear(...rawOutput('old'));
  calls.hear(...rawCall('new', 'a'));
  calls.hear(...rawResponseEnd(7));
  expect(called.flatMap((one) => one.calls.map(({ callId }) => callId))).toEqual(['new']);
});

test('arguments that are no JSON are left to the app-server, which tells the model', () => {
  const { calls, called } = collect('a');
  calls.hear(...rawCall('c1', 'a', '{broken'));
  calls.hear(...rawResponseEnd(7));
  expect(called).toEqual([]);
});

test('a call that the app-server answers is told with its output, once, under the client’s name of its tool', () => {
  const { calls, called, answered } = collect('exec_command');
  calls.hear(...rawCall('c0', 'client_exec_command'));
  calls.hear(...rawCall('c1', 'client_exec_command', '{broken'));
  calls.hear(...rawCall('c2', 'unknown'));
  calls.hear(...rawCall('c3', 'unknown'));
  for (const id of ['c0', 'c1', 'c2', 'c2']) calls.hear(...rawOutput(id, {}, `of ${id}`));
  expect(answered).toEqual([
    { call: { callId: 'c1', name: 'exec_command', arguments: '{broken' }, output: 'of c1' },
    { call: { callId: 'c2', name: 'unknown', arguments: '{}' }, output: 'of c2' },
  ]);
  expect(called).toEqual([]);
});

test('a tool of another namespace is not the client’s', () => {
  const { calls, called } = collect('a');
  const [method, params] = rawCall('c1', 'a');
  calls.hear(method, { ...params, item: { ...(params['item'] as object), namespace: 'mcp__x' } });
  calls.hear(...rawResponseEnd(7));
  expect(called).toEqual([]);
});

test('a response that falls silent behind a call counts as ended after half a minute', () => {
  const { calls, called, timer } = collect('a');
  calls.hear(...rawCall('c1', 'a'));
  expect(timer.ms).toBe(30_000);
  timer.fire();
  expect(called).toMatchObject([{ calls: [{ callId: 'c1' }], usage: null }]);
});

test('every sign of life starts the silence anew', () => {
  const { calls, timer } = collect('a');
  calls.hear('item/agentMessage/delta', {});
  expect(timer.ms).toBeNull();
  calls.hear(...rawCall('c1', 'a'));
  const first = timer.fire;
  calls.hear('item/agentMessage/delta', {});
  expect(timer.fire).not.toBe(first);
});

test('without raw events a second of silence ends the response, with the calls as they were asked', () => {
  const { calls, called, timer } = collect('a', 'exec_command');
  calls.ask(toolAsk('c1', 'a', { n: 1 }));
  calls.ask(toolAsk('c2', 'client_exec_command', null));
  expect(timer.ms).toBe(1_000);
  timer.fire();
  expect(called).toMatchObject([
    {
      calls: [
        { callId: 'c1', name: 'a', arguments: '{"n":1}' },
        { callId: 'c2', name: 'exec_command', arguments: '{}' },
      ],
      usage: null,
    },
  ]);
});

test('a response whose usage is not told has none', () => {
  const { calls, called } = collect('a');
  calls.hear(...rawCall('c1', 'a'));
  calls.hear('rawResponse/completed', { threadId: 'th', turnId: 't', responseId: 'r', usage: null });
  expect(called).toMatchObject([{ usage: null }]);
});

test('after the end of the answer a call is still the client’s, and waits for nothing', () => {
  const { calls, called, timer } = collect('a');
  calls.stop();
  expect(calls.ask(toolAsk('c1', 'a'))).toBe(true);
  expect([timer.ms, called]).toEqual([null, []]);
});

test('a response may call many tools, and not any number of them', () => {
  const { calls, called, tooMany } = collect('a');
  for (let at = 0; at < 256; at++) calls.hear(...rawCall(`c${at}`, 'a'));
  expect(tooMany).toEqual([]);
  calls.hear(...rawCall('c256', 'a'));
  expect(tooMany).toEqual([256]);
  expect(called).toEqual([]);
});
