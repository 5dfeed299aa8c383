import type { TurnEvent, Usage } from '../../../../src/gateway/turn.ts';
import { UPSTREAM_CASES, type UpstreamCase } from '../../../fixtures/upstream/index.ts';
import { aTurn } from '../../../support/fake-exchange.ts';
import { allOf, createScript, submitTo } from './relay-script.ts';

const tools = ['add', 'sub'].map((name) => ({ name, description: null, parameters: {} }));

const read = async ({ status, contentType, chunks }: UpstreamCase): Promise<TurnEvent[]> => {
  const script = createScript({ status, headers: { 'content-type': contentType }, reads: chunks });
  const { running } = await submitTo(script, aTurn({ tools }));
  return allOf(running);
};

const joined = (told: readonly TurnEvent[], type: 'text' | 'reasoning'): string =>
  told.flatMap((event) => (event.type === type ? [event.delta] : [])).join('');

const usageIn = (told: readonly TurnEvent[]): Usage | null =>
  told.flatMap((event) => (event.type === 'usage' ? [event.usage] : [])).at(-1) ?? null;

const chats = UPSTREAM_CASES.filter(({ api }) => api === 'chat').map((entry) => [entry.name, entry] as const);

test.each(chats)('%s', async (_, entry) => {
  const { expected } = entry;
  const told = await read(entry);
  const last = told.at(-1);
  expect(joined(told, 'text')).toBe(expected.text);
  expect(joined(told, 'reasoning')).toBe(expected.reasoning);
  expect(usageIn(told)).toEqual(expected.usage);
  const isNone =
    expected.error !== null || expected.isCut || (!entry.stream && expected.finishReason === null);
  if (isNone) {
    expect(last?.type).toBe('failed');
    return;
  }
  const calls = told.filter((event) => event.type === 'tool_call');
  const arguments_ = expected.calls.map(({ arguments: args }) => args || '{}');
  expect(calls.map((call) => call.arguments)).toEqual(arguments_);
  expect(calls.map(({ name }) => name)).toEqual(expected.calls.map(({ name }) => name));
  expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length);
  expect(calls.map(({ callId }) => callId)).not.toContain('');
  const finishReason = calls.length > 0 ? 'tool_calls' : (expected.finishReason ?? 'stop');
  const isOdd = finishReason === 'tool_calls' && calls.length === 0;
  expect(last).toEqual({ type: 'done', finishReason: isOdd ? 'stop' : finishReason });
});
