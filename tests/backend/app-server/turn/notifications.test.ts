import {
  itemOf,
  parseTurnNotification,
  phaseOf,
  threadIdOf,
  turnIdOf,
} from '../../../../src/backend/app-server/turn/notifications.ts';
import { itemCompleted, textDelta, tokens, turnCompleted } from '../../../support/notifications.ts';

test.each([
  textDelta('Hi'),
  itemCompleted({ type: 'x', id: 'i' }),
  tokens(),
  turnCompleted('failed', { message: 'm' }),
])('a well-formed %s is known', (method, params) => {
  expect(parseTurnNotification(method, params)).toMatchObject({ type: 'known', notification: { method } });
});

test.each([
  ['item/agentMessage/delta', {}],
  ['item/agentMessage/delta', { itemId: 'm1', delta: 5 }],
  ['item/agentMessage/delta', null],
  ['item/agentMessage/delta', undefined],
  ['item/agentMessage/delta', 'text'],
  ['item/agentMessage/delta', { itemId: 5, delta: 'text' }],
  ['item/reasoning/textDelta', { itemId: 'r', delta: 'text', contentIndex: '0' }],
  ['item/reasoning/summaryTextDelta', { itemId: 'r', delta: 'text', summaryIndex: null }],
  ['item/completed', [{ item: { id: 'x', type: 'y' } }]],
  ['item/completed', { item: null }],
  ['item/completed', { item: { id: 'x' } }],
  ['item/completed', { item: { id: 'x', type: 'agentMessage', text: {} } }],
  ['thread/tokenUsage/updated', { tokenUsage: { total: { totalTokens: '5' } } }],
  ['turn/completed', { turn: { id: 't' } }],
  ['turn/completed', { turn: { id: 't', status: 'failed', error: {} } }],
])('%s with params %j is malformed, and says why', (method, params) => {
  const parsed = parseTurnNotification(method, params);
  expect(parsed).toMatchObject({ type: 'malformed', reason: expect.stringMatching(/\S/) });
});

test.each(['turn/started', 'warning', '', 'item/someday/delta'])('%j is left alone', (method) => {
  expect(parseTurnNotification(method, { anything: 1 })).toEqual({ type: 'other' });
});

test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])(
  'a method called %s, which every object has, is left alone too',
  (method) => {
    expect(parseTurnNotification(method, { threadId: 'th' })).toEqual({ type: 'other' });
  },
);

test.each([
  [{ threadId: 'th', turnId: 't' }, 'th', 't'],
  [{ threadId: 'th', turn: { id: 't' } }, 'th', 't'],
  [{ thread: { id: 'th' } }, 'th', undefined],
  [{ conversationId: 'th', callId: 'c' }, 'th', undefined],
  [{ threadId: 'th', status: { type: 'idle' } }, 'th', undefined],
  [{}, undefined, undefined],
  [null, undefined, undefined],
  ['text', undefined, undefined],
])('%j is about thread %s and turn %s', (params, threadId, turnId) => {
  expect([threadIdOf(params), turnIdOf(params)]).toEqual([threadId, turnId]);
});

test.each([
  ['a hook of Codex', { threadId: 'th', turnId: null, run: {} }],
  ['a goal of a thread', { threadId: 'th', turnId: null, goal: {} }],
  ['a turn that is null', { threadId: 'th', turn: null }],
  ['a turn that is a word', { threadId: 'th', turn: 'soon' }],
])('a thread is found although the turn is not named: %s', (_, params) => {
  expect([threadIdOf(params), turnIdOf(params)]).toEqual(['th', undefined]);
});

test('the item of a notification is found, or is null', () => {
  expect(itemOf({ item: { id: 'i', type: 'webSearch', query: 'q' } })).toMatchObject({ id: 'i', query: 'q' });
  for (const params of [null, {}, { item: null }, { item: { id: 1, type: 'x' } }])
    expect(itemOf(params)).toBeNull();
});

test.each([
  ['agentMessage', 'commentary', 'commentary'],
  ['agentMessage', 'final_answer', 'final_answer'],
  ['agentMessage', 'soon', undefined],
  ['agentMessage', null, undefined],
  ['reasoning', 'commentary', undefined],
])('an item of type %s whose phase is %j is meant as %s', (type, phase, meant) => {
  expect(phaseOf({ id: 'i', type, phase })).toBe(meant);
});
