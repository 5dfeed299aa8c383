import {
  createStallWatch,
  type StartCountdown,
  startsTool,
} from '../../../../src/backend/app-server/turn/stall-watch.ts';
import type { GatewayError } from '../../../../src/errors.ts';
import { itemCompleted, itemStarted, message, type Notified } from '../../../support/notifications.ts';

type FakeCountdown = { ms: number; runs: boolean; restarts: number; end(): void };

const FIRST_BYTE_MS = 300;
const IDLE_MS = 50;

const open = () => {
  const countdowns: FakeCountdown[] = [];
  const stalls: GatewayError[] = [];
  const startCountdown: StartCountdown = (ms, run) => {
    const countdown: FakeCountdown = { ms, runs: true, restarts: 0, end: run };
    countdowns.push(countdown);
    return {
      restart: () => void countdown.restarts++,
      cancel: () => {
        countdown.runs = false;
      },
    };
  };
  const limits = { firstByteMs: FIRST_BYTE_MS, idleMs: IDLE_MS };
  const watch = createStallWatch(limits, (error) => void stalls.push(error), startCountdown);
  const countdown = (ms: number): FakeCountdown => {
    const found = countdowns.find((each) => each.ms === ms);
    if (!found) throw new Error(`nothing counts down from ${ms}`);
    return found;
  };
  const running = () => countdowns.filter(({ runs }) => runs).map(({ ms }) => ms);
  return { watch, stalls, countdown, running };
};

test('nothing is watched before the turn is asked for', () => {
  const { watch, running } = open();
  watch.heard();
  watch.answered();
  expect(running()).toEqual([]);
});

test('a turn that does not begin its answer is ended, in the words of that limit and its setting', () => {
  const { watch, stalls, countdown, running } = open();
  watch.start();
  expect(running()).toEqual([FIRST_BYTE_MS, IDLE_MS]);
  countdown(FIRST_BYTE_MS).end();
  expect(stalls).toMatchObject([
    {
      code: 'backend_first_byte_timeout',
      status: 504,
      outcome: 'timeout',
      message: expect.stringMatching(/300 ms \(PROXY_FIRST_BYTE_TIMEOUT_MS\)/),
    },
  ]);
  expect(running()).toEqual([]);
});

test('a turn that falls silent is ended, in the words of that limit and its setting', () => {
  const { watch, stalls, countdown, running } = open();
  watch.start();
  countdown(IDLE_MS).end();
  expect(stalls).toMatchObject([
    {
      code: 'backend_idle_timeout',
      status: 504,
      outcome: 'timeout',
      message: expect.stringMatching(/50 ms \(PROXY_IDLE_TIMEOUT_MS\)/),
    },
  ]);
  expect(running()).toEqual([]);
});

test('whatever is heard begins the silence anew, and an answer ends the wait for its beginning', () => {
  const { watch, countdown, running } = open();
  watch.start();
  watch.heard();
  watch.heard();
  expect(countdown(IDLE_MS).restarts).toBe(2);
  expect(countdown(FIRST_BYTE_MS).restarts).toBe(0);
  watch.answered();
  expect(running()).toEqual([IDLE_MS]);
});

test('one that is stopped counts no more, also when it is started afterwards', () => {
  const { watch, running } = open();
  watch.start();
  watch.stop();
  watch.start();
  watch.heard();
  expect(running()).toEqual([]);
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
