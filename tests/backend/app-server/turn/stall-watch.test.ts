import { createStallWatch, startsTool } from '../../../../src/backend/app-server/turn/stall-watch.ts';
import type { GatewayError } from '../../../../src/errors.ts';
import { createFakeTimers } from '../../../support/fake-timers.ts';
import { itemCompleted, itemStarted, message, type Notified } from '../../../support/notifications.ts';

const FIRST_BYTE_MS = 300;
const IDLE_MS = 50;

const open = () => {
  const limits = { firstByteMs: FIRST_BYTE_MS, idleMs: IDLE_MS };
  const timers = createFakeTimers();
  const stalls: GatewayError[] = [];
  const watch = createStallWatch(limits, (error) => void stalls.push(error), timers);
  return { watch, stalls, timers };
};

test('nothing is watched before the turn is asked for', () => {
  const { watch, timers } = open();
  watch.heard();
  watch.answered();
  expect(timers.pending).toBe(0);
});

test('a turn that does not begin its answer is ended, in the words of that limit and its setting', () => {
  const { watch, stalls, timers } = open();
  watch.start();
  for (let ms = 0; ms < FIRST_BYTE_MS; ms += IDLE_MS / 2) {
    expect(stalls).toEqual([]);
    watch.heard();
    timers.advance(IDLE_MS / 2);
  }
  expect(stalls).toMatchObject([
    {
      code: 'backend_first_byte_timeout',
      status: 504,
      outcome: 'timeout',
      message: expect.stringMatching(/300 ms \(PROXY_FIRST_BYTE_TIMEOUT_MS\)/),
    },
  ]);
  expect(timers.pending).toBe(0);
});

test('a turn that falls silent is ended, in the words of that limit and its setting', () => {
  const { watch, stalls, timers } = open();
  watch.start();
  timers.advance(IDLE_MS);
  expect(stalls).toMatchObject([
    {
      code: 'backend_idle_timeout',
      status: 504,
      outcome: 'timeout',
      message: expect.stringMatching(/50 ms \(PROXY_IDLE_TIMEOUT_MS\)/),
    },
  ]);
  expect(timers.pending).toBe(0);
});

test('whatever is heard begins the silence anew, and an answer ends the wait for its beginning', () => {
  const { watch, stalls, timers } = open();
  watch.start();
  watch.answered();
  for (let ms = 0; ms < 2 * FIRST_BYTE_MS; ms += IDLE_MS - 1) {
    watch.heard();
    expect(timers.pending).toBe(1);
    timers.advance(IDLE_MS - 1);
  }
  expect(stalls).toEqual([]);
  timers.advance(1);
  expect(stalls).toMatchObject([{ code: 'backend_idle_timeout' }]);
});

test('one that is stopped counts no more, also when it is started afterwards', () => {
  const { watch, timers } = open();
  watch.start();
  watch.stop();
  watch.start();
  watch.heard();
  expect(timers.pending).toBe(0);
});

test.each<[string, Notified, boolean]>([
  ['a command', itemStarted({ id: 'i', type: 'commandExecution' }), true],
  ['a call of a tool', itemStarted({ id: 'i', type: 'dynamicToolCall' }), true],
  ['the echo of the question', itemStarted({ id: 'i', type: 'userMessage' }), false],
  ['a message that has no text yet', itemStarted(message('m', '')), false],
  ['reasoning that has no text yet', itemStarted({ id: 'i', type: 'reasoning' }), false],
  ['the end of a command', itemCompleted({ id: 'i', type: 'commandExecution' }), false],
  ['an item that is none', ['item/started', { item: 5 }], false],
])('%s is a tool at work: %j → %s', (_, [method, params], expected) => {
  expect(startsTool(method, params)).toBe(expected);
});
