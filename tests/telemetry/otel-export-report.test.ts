import { ExportResultCode } from '@opentelemetry/core';
import { tellUnsent, watchExport } from '../../src/telemetry/otel/export-report.ts';
import type { OtelEnv, Signal } from '../../src/telemetry/otel/variables.ts';

type Line = Record<string, unknown> & { msg: string };

const open = (env: OtelEnv, signal: Signal = 'TRACES') => {
  const lines: Line[] = [];
  const write = (fields: Readonly<Record<string, unknown>>, msg: string) =>
    void lines.push({ ...fields, msg });
  const log = { error: write, warn: write, info: write, debug: write };
  const watch = watchExport(env, signal, log);
  return {
    lines,
    watch,
    tellUnsent: () => tellUnsent(env, signal, watch, log),
    /** Sends one item through an exporter that gives this result. */
    send(error: Error | undefined) {
      const code = error ? ExportResultCode.FAILED : ExportResultCode.SUCCESS;
      watch.enter();
      watch
        .through<number>({
          export: (_, done) => done({ code, ...(error && { error }) }),
          shutdown: () => Promise.resolve(),
        })
        .export([1], () => undefined);
    },
  };
};

const ENV = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example/base?api_key=hidden' };

test.each([
  ['TRACES', 'spans'],
  ['LOGS', 'log records'],
] as const)('what becomes of %s is told with the endpoint, in words for each moment', (signal, what) => {
  const { lines, send, watch, tellUnsent } = open(ENV, signal);
  send(Object.assign(new Error('Unauthorized'), { code: 401 }));
  send(undefined);
  watch.enter();
  tellUnsent();
  const endpoint = 'https://otlp.example/base';
  expect(lines).toEqual([
    {
      msg: `${what} cannot be exported; those that wait too long are lost`,
      endpoint,
      status: 401,
      error: 'Unauthorized',
      lost: 1,
    },
    { msg: `${what} are exported again`, endpoint, lost: 1 },
    { msg: `${what} were not exported before the gateway ended`, endpoint, unsent: 1 },
  ]);
});

test('where nobody answered there is a reason and no status', () => {
  const { lines, send } = open(ENV);
  send(Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }));
  expect(lines).toMatchObject([{ error: 'ECONNREFUSED', lost: 1 }]);
  expect(lines[0]).not.toHaveProperty('status');
});

test('the bound is that of the environment', () => {
  const { watch } = open({ ...ENV, OTEL_BSP_MAX_QUEUE_SIZE: '2' });
  expect([watch.enter(), watch.enter(), watch.enter()]).toEqual([true, true, false]);
});

test('where all went out nothing is told at the end', () => {
  const { lines, send, tellUnsent } = open(ENV);
  send(undefined);
  tellUnsent();
  expect(lines).toEqual([]);
});
