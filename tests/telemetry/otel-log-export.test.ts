import type { IncomingMessage } from 'node:http';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { createLogExport } from '../../src/telemetry/otel/log-export.ts';
import type { OtelEnv } from '../../src/telemetry/otel/variables.ts';
import { createWatchedExport } from '../../src/telemetry/otel/watched-export.ts';
import { type Loopback, listenOnLoopback, readJson } from '../support/loopback.ts';
import { flattenLogs, type ResourceLogs } from '../support/otlp-logs.ts';
import { createWaiters } from '../support/wait-until.ts';
import { anyWatchedExport } from '../support/watched-export.ts';

type Export = { path: string; headers: IncomingMessage['headers']; bodies: (string | undefined)[] };

let receiver: Loopback;
let answer = 200;
const exports: Export[] = [];
const waiters = createWaiters();

beforeAll(async () => {
  receiver = await listenOnLoopback((request, response) => {
    const isJson = request.headers['content-type'] === 'application/json';
    const body = isJson ? readJson(request) : Promise.resolve({});
    void body.then((json) => {
      const logs = flattenLogs((json as { resourceLogs?: ResourceLogs[] }).resourceLogs ?? []);
      exports.push({
        path: request.url ?? '',
        headers: request.headers,
        bodies: logs.map((log) => log.body),
      });
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
      waiters.notify();
    });
  });
});
afterAll(() => receiver.close());

/** The exporters read the process's environment themselves, as they do in the gateway. */
const outer = { ...process.env };
const providers: LoggerProvider[] = [];
afterEach(async () => {
  // What waits in one that is left would be exported in another test's time, when nothing may be imported any more.
  await Promise.all(providers.splice(0).map((provider) => provider.shutdown()));
  process.env = { ...outer };
  exports.length = 0;
  answer = 200;
});

const NEVER = '60000';
const lineOf = (msg: string): string =>
  `${JSON.stringify({ level: 'info', time: '2026-01-02T03:04:05.678Z', service: 'throughline', msg })}\n`;

const open = (more: OtelEnv = {}) => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BLRP_SCHEDULE_DELAY: NEVER, ...more };
  process.env = { ...outer, ...env };
  const told: string[] = [];
  const watch = createWatchedExport(Number(more['OTEL_BLRP_MAX_QUEUE_SIZE'] ?? 2048), {
    onLost: (lost) => void told.push(`${lost} lost`),
    onRecovered: (lost) => void told.push(`again, after ${lost}`),
  });
  const made = createLogExport(env, watch);
  if (!made) throw new Error('nothing is exported');
  const provider = new LoggerProvider({ processors: [made.processor] });
  providers.push(provider);
  const logExport = made.open(provider.getLogger('test'));
  return {
    provider,
    logExport,
    watch,
    told,
    emit: (...texts: string[]) => texts.map(lineOf).forEach(logExport.emit),
  };
};

const exported = (count: number) =>
  waiters.until(
    () => exports.length >= count && exports,
    () => JSON.stringify(exports),
  );

test.each<OtelEnv>([
  {},
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_LOGS_EXPORTER: 'none' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_SDK_DISABLED: 'true' },
])('with %j no log record is sent', (env) => {
  expect(createLogExport(env, anyWatchedExport())).toBeNull();
});

test.each([
  [{}, 'application/json'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'application/x-protobuf'],
  [{ OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf' }, 'application/x-protobuf'],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' }, 'application/json'],
])('with %j log records are sent as %s', async (env, contentType) => {
  const { provider, emit } = open(env);
  emit('a line');
  await provider.shutdown();
  expect(exports).toMatchObject([{ path: '/v1/logs', headers: { 'content-type': contentType } }]);
});

test('OTEL_BLRP_SCHEDULE_DELAY and OTEL_BLRP_MAX_EXPORT_BATCH_SIZE say when they go out', async () => {
  const soon = open({ OTEL_BLRP_SCHEDULE_DELAY: '1' });
  soon.emit('a');
  await exported(1);
  await soon.provider.shutdown();
  const full = open({ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '2' });
  full.emit('b', 'c');
  await exported(2);
  await full.provider.shutdown();
  expect(exports.map(({ bodies }) => bodies)).toEqual([['a'], ['b', 'c']]);
});

test('what is too much is dropped, and counted once it is over', async () => {
  const { provider, emit, told } = open({
    OTEL_BLRP_MAX_QUEUE_SIZE: '3',
    OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '3',
  });
  emit(...'abcdefgh');
  expect(told).toEqual(['1 lost']);
  await provider.shutdown();
  expect(exports.flatMap(({ bodies }) => bodies)).toEqual(['a', 'b', 'c']);
  expect(told).toEqual(['1 lost', 'again, after 5']);
});

test('what is refused is counted, until records arrive again', async () => {
  const { provider, emit, told } = open();
  answer = 400;
  emit('a', 'b');
  await provider.forceFlush();
  emit('c');
  await provider.forceFlush();
  expect(told).toEqual(['2 lost']);
  answer = 200;
  emit('d');
  await provider.shutdown();
  expect(told).toEqual(['2 lost', 'again, after 3']);
});

test('what still waits when the gateway ends is not sent, and nothing is taken any more', () => {
  const { logExport, emit, watch } = open();
  emit('a', 'b');
  logExport.close();
  emit('c');
  logExport.close();
  expect(watch.unsent).toBe(2);
});

test('a line that is no JSON harms nobody', () => {
  const { logExport, told } = open();
  logExport.emit('not JSON\n');
  expect(told).toEqual(['1 lost']);
});
