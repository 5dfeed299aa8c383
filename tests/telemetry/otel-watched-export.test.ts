import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { createWatchedExport } from '../../src/telemetry/otel/watched-export.ts';

const OK: ExportResult = { code: ExportResultCode.SUCCESS };
const FAILED: ExportResult = { code: ExportResultCode.FAILED, error: new Error('connect ECONNREFUSED') };

const open = (maxQueue: number) => {
  const told: string[] = [];
  const watch = createWatchedExport(maxQueue, {
    onLost: (lost, error) => void told.push(`lost ${lost}: ${error.message}`),
    onRecovered: (lost) => void told.push(`recovered from ${lost}`),
  });
  const answers: ((result: ExportResult) => void)[] = [];
  const exporter = watch.through<number>({
    export: (_, done) => void answers.push(done),
    shutdown: () => Promise.resolve(),
  });
  const results: ExportResult[] = [];
  return {
    told,
    watch,
    results,
    /** How many of so many found a place. */
    enter: (count: number) => Array.from({ length: count }, watch.enter).filter(Boolean).length,
    /** Takes so many out of the queue, and gives the way to answer for them. */
    send(count: number): (result: ExportResult) => void {
      exporter.export(
        Array.from({ length: count }, (_, index) => index),
        (result) => results.push(result),
      );
      return answers.at(-1) ?? (() => undefined);
    },
  };
};

test('an outage is told once, however many batches fail, and once more when it is over, with the number', () => {
  const { told, enter, send } = open(100);
  for (let i = 0; i < 5; i++) {
    enter(3);
    send(3)(FAILED);
  }
  expect(told).toEqual(['lost 3: connect ECONNREFUSED']);
  enter(2);
  send(2)(OK);
  expect(told).toEqual(['lost 3: connect ECONNREFUSED', 'recovered from 15']);
});

test('where nothing fails nothing is told', () => {
  const { told, watch, enter, send } = open(100);
  enter(9);
  send(9)(OK);
  expect(told).toEqual([]);
  expect(watch.unsent).toBe(0);
});

test('the SDK hears of no failure, which it would tell each time', () => {
  const { results, enter, send } = open(100);
  enter(1);
  send(1)(FAILED);
  expect(results).toEqual([{ code: ExportResultCode.SUCCESS }]);
});

test('a batch that the exporter throws at is a failed one, and what comes after it goes out', () => {
  const told: string[] = [];
  const watch = createWatchedExport(100, {
    onLost: (lost, error) => void told.push(`lost ${lost}: ${error.message}`),
    onRecovered: (lost) => void told.push(`recovered from ${lost}`),
  });
  const results: ExportResult[] = [];
  const exporter = watch.through<string>({
    export([item], done) {
      if (item === 'malformed') throw new RangeError('no id');
      done(OK);
    },
    shutdown: () => Promise.resolve(),
  });
  for (const item of ['malformed', 'whole']) {
    watch.enter();
    exporter.export([item], (result) => results.push(result));
  }
  expect(told).toEqual(['lost 1: no id', 'recovered from 1']);
  expect(watch.unsent).toBe(0);
  expect(results).toEqual([OK, OK]);
});

test('what does not fit into the queue is lost and counted, one by one', () => {
  const { told, watch, enter, send } = open(4);
  expect(enter(4)).toBe(4);
  const answer = send(4);
  expect(enter(16)).toBe(4);
  expect(told).toEqual(['lost 1: 4 wait already']);
  expect(watch.unsent).toBe(19);
  answer(OK);
  send(4)(OK);
  expect(told.at(-1)).toBe('recovered from 12');
  expect(watch.unsent).toBe(0);
});

test('while batches go out and the queue stays full, one outage is told and not one for each batch', () => {
  const { told, enter, send } = open(10);
  for (let i = 0; i < 20; i++) {
    enter(10);
    send(2)(OK);
  }
  expect(told).toEqual(['lost 1: 10 wait already']);
  send(2)(OK);
  send(2)(OK);
  expect(told).toHaveLength(2);
  expect(told[1]).toMatch(/^recovered from /);
});

test('a new outage is told again, with its own number', () => {
  const { told, enter, send } = open(100);
  for (const result of [FAILED, OK, FAILED, OK]) {
    enter(1);
    send(1)(result);
  }
  expect(told).toEqual([
    'lost 1: connect ECONNREFUSED',
    'recovered from 1',
    'lost 1: connect ECONNREFUSED',
    'recovered from 1',
  ]);
});

test('what waits, what is under way and what is lost and not told yet is unsent at the end', () => {
  const { told, watch, enter, send } = open(100);
  enter(13);
  send(10);
  expect(watch.unsent).toBe(13);
  watch.lose(2, new Error('no JSON'));
  expect(told).toEqual(['lost 2: no JSON']);
  expect(watch.unsent).toBe(13);
  watch.lose(3, new Error('no JSON'));
  expect(watch.unsent).toBe(16);
});
