import type { ForkListeners, ProcessExit } from '../../../src/composition/processes/fork.ts';
import type { StartFailure } from '../../../src/composition/processes/start-failure.ts';
import { supervise } from '../../../src/composition/processes/supervised.ts';
import { createFakeTimers } from '../../support/fake-timers.ts';

const KILLED: ProcessExit = { code: null, signal: 'SIGKILL' };

/** A process that runs as the test says, and what was told of it. */
const open = () => {
  const timers = createFakeTimers();
  const told: string[] = [];
  const failures: StartFailure[] = [];
  const started: ForkListeners[] = [];
  const process = supervise({
    timers,
    fork(listeners) {
      started.push(listeners);
      return { pid: started.length, send: () => true, kill: () => told.push('killed') };
    },
    onMessage: ({ type }) => void told.push(type),
    onExit: () => told.push('exit'),
    onFailedStart: (failure) => failures.push(failure),
    onRestart: (_exit, _failure, waitMs) => told.push(`restart in ${waitMs}`),
    onGivenUp: () => told.push('given up'),
  });
  const now = (): ForkListeners => started.at(-1) as ForkListeners;
  const comeUp = (): void => {
    now().onMessage({ type: 'listening' });
    now().onMessage({ type: 'ready', fields: {} });
  };
  return { timers, told, failures, started, process, comeUp, end: (exit = KILLED) => now().onExit(exit) };
};

test('a process that ends is started again, after a pause that doubles', () => {
  const { timers, told, process, comeUp, end } = open();
  for (const waitMs of [100, 200, 400, 800, 1_600]) {
    comeUp();
    end();
    expect(told.at(-1)).toBe(`restart in ${waitMs}`);
    expect(process).toMatchObject({ state: 'backing_off', pid: null, retryInMs: waitMs });
    timers.advance(waitMs);
    expect(process.state).toBe('starting');
  }
  expect(process.restarts).toBe(5);
});

test('one that ends six times within a minute is given up', () => {
  const { timers, told, process, comeUp, end } = open();
  for (let count = 0; count < 6; count++) {
    comeUp();
    end();
    timers.advance(5_000);
  }
  expect(told.at(-1)).toBe('given up');
  expect(process.state).toBe('stopped');
});

test('after a quiet minute the pause is a short one again', () => {
  const { timers, told, comeUp, end } = open();
  for (let count = 0; count < 4; count++) {
    comeUp();
    end();
    timers.advance(5_000);
  }
  comeUp();
  timers.advance(60_000);
  end();
  expect(told.at(-1)).toBe('restart in 100');
});

test('one that never came up is not started again: its own words are told, or how it ended', () => {
  const silent = open();
  silent.end({ code: 3, signal: null });
  expect(silent.failures).toEqual([
    { lines: ['a process of the gateway ended before it was ready (exit code 3)'], exitCode: 1 },
  ]);
  const speaking = open();
  const failure = { lines: ['one', 'two'], exitCode: 2 };
  speaking.started[0]?.onMessage({ type: 'listening' });
  speaking.started[0]?.onMessage({ type: 'failed', ...failure });
  speaking.end({ code: 2, signal: null });
  expect(speaking.failures).toMatchObject([failure]);
  speaking.timers.advance(10_000);
  expect(speaking.started).toHaveLength(1);
});

test('one that is killed while its backend starts is started again', () => {
  const { told, started, end } = open();
  started[0]?.onMessage({ type: 'listening' });
  end();
  expect(told.at(-1)).toBe('restart in 100');
});

test('none is started any more once it was told to end', async () => {
  const { timers, started, process, comeUp, end } = open();
  comeUp();
  const ended = process.end();
  end({ code: 0, signal: null });
  expect(await ended).toEqual({ code: 0, signal: null });
  timers.advance(10_000);
  expect(started).toHaveLength(1);
  const waiting = open();
  waiting.comeUp();
  waiting.end();
  expect(await waiting.process.end()).toBeNull();
  waiting.timers.advance(10_000);
  expect(waiting.started).toHaveLength(1);
});
