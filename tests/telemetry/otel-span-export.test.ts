import type { IncomingMessage, ServerResponse } from 'node:http';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { createSpanProcessors } from '../../src/telemetry/otel/span-export.ts';
import type { OtelEnv } from '../../src/telemetry/otel/variables.ts';
import { type Loopback, listenOnLoopback, readJson } from '../support/loopback.ts';
import { createWaiters } from '../support/wait-until.ts';
import { anyWatchedExport } from '../support/watched-export.ts';

type Export = { path: string; headers: IncomingMessage['headers']; spans: string[] };
type Body = { resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[] };

const exports: Export[] = [];
const waiters = createWaiters();
let receiver: Loopback;

const spanNames = (body: Body): string[] =>
  body.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );

const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const isJson = request.headers['content-type'] === 'application/json';
  const spans = isJson ? spanNames((await readJson(request)) as Body) : [];
  exports.push({ path: request.url ?? '', headers: request.headers, spans });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  waiters.notify();
};

beforeAll(async () => {
  receiver = await listenOnLoopback((request, response) => {
    take(request, response).catch(() => response.writeHead(400).end());
  });
});
afterAll(() => receiver.close());

/** The exporters read the process's environment themselves, as they do in the gateway. */
const outer = { ...process.env };
afterEach(() => {
  process.env = { ...outer };
  exports.length = 0;
});

const settings = (more: OtelEnv = {}): OtelEnv => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...more });

/** Runs spans through what `env` composes, in one turn of the event loop. */
const open = (env: OtelEnv) => {
  process.env = { ...outer, ...env };
  const provider = new TracerProvider({ spanProcessors: createSpanProcessors(env, anyWatchedExport()) });
  const tracer = provider.getTracer('test');
  return {
    provider,
    end: (...names: string[]) => names.forEach((name) => void tracer.startSpan(name).end()),
  };
};

const exported = (count: number) =>
  waiters.until(
    () => exports.length >= count && exports,
    () => JSON.stringify(exports),
  );

const exportOne = async (env: OtelEnv): Promise<Export | undefined> => {
  const { provider, end } = open(env);
  end('a span');
  await provider.shutdown();
  return exports[0];
};

test.each([
  [{}, 'application/json'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, 'application/json'],
  [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'application/x-protobuf'],
  [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' }, 'application/x-protobuf'],
  [
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
    'application/json',
  ],
])('with %j spans are sent as %s', async (more, contentType) => {
  expect(await exportOne(settings(more))).toMatchObject({
    path: '/v1/traces',
    headers: { 'content-type': contentType },
  });
});

test('the endpoint of the traces is used as it is', async () => {
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/custom/path` };
  expect(await exportOne(settings(env))).toMatchObject({ path: '/custom/path', spans: ['a span'] });
});

test('headers and compression are those of the environment', async () => {
  const sent = await exportOne(
    settings({
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=all,x-team=a',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=traces',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    }),
  );
  expect(sent?.headers).toMatchObject({ 'x-tenant': 'traces', 'x-team': 'a', 'content-encoding': 'gzip' });
  expect(sent?.spans).toEqual(['a span']);
});

test('OTEL_BSP_SCHEDULE_DELAY: spans go out by themselves', async () => {
  const { provider, end } = open(settings({ OTEL_BSP_SCHEDULE_DELAY: '1' }));
  end('a', 'b');
  await exported(1);
  expect(exports[0]?.spans).toEqual(['a', 'b']);
  await provider.shutdown();
});

test('OTEL_BSP_MAX_EXPORT_BATCH_SIZE: so many spans go out together, at once', async () => {
  const { provider, end } = open(
    settings({ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2', OTEL_BSP_SCHEDULE_DELAY: '60000' }),
  );
  end('a', 'b');
  await exported(1);
  expect(exports[0]?.spans).toEqual(['a', 'b']);
  end('c');
  await provider.shutdown();
  expect(exports.slice(1).map(({ spans }) => spans)).toEqual([['c']]);
});

test('OTEL_BSP_MAX_QUEUE_SIZE: what is too much is dropped, not kept', async () => {
  const { provider, end } = open(
    settings({
      OTEL_BSP_MAX_QUEUE_SIZE: '3',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '3',
      OTEL_BSP_SCHEDULE_DELAY: '60000',
    }),
  );
  end(...'abcdefgh');
  await provider.shutdown();
  expect(exports.flatMap(({ spans }) => spans).length).toBeLessThan(8);
});
