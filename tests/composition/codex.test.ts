import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasOwnOtel, withCoreEnvironment, withSpansTo } from '../../src/composition/codex.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-codex-'));
});
afterAll(() => rm(folder, { recursive: true }));

const decides = async (toml: string): Promise<boolean> => {
  const path = join(folder, 'config.toml');
  await writeFile(path, toml);
  return hasOwnOtel([join(folder, 'missing.toml'), path]);
};

test.each([
  '[otel]\nenvironment = "prod"',
  'model = "a"\n\n  [ otel ] # mine\n',
  '[features]\nplugins = false\r\n["otel"]\r\n',
  "['otel']",
  '[otel.trace_exporter.otlp-http]\nendpoint = "http://127.0.0.1:4318"',
  'otel.trace_exporter = "none"',
  'otel = { trace_exporter = "none" }',
])('a configuration with %j says where the spans of Codex go', async (toml) => {
  expect(await decides(toml)).toBe(true);
});

test.each([
  '',
  'model = "otel"',
  '# [otel]\n#otel.trace_exporter = "none"',
  '[mcp_servers.otel]\ncommand = "x"',
  '[features]\notel = true',
  '[otel_like]',
])('a configuration with %j does not', async (toml) => {
  expect(await decides(toml)).toBe(false);
});

test('neither does one that is missing, but one that cannot be read may', async () => {
  expect(await hasOwnOtel([join(folder, 'missing.toml')])).toBe(false);
  expect(await hasOwnOtel([folder])).toBe(true);
});

const RELAY = { url: 'http://127.0.0.1:4000/spans', header: { name: 'x-token', value: 'f00d' } };
const envFor = (env: Record<string, string>) => withSpansTo(RELAY, { command: [], env }).env;

test('Codex is told on its command line where to send its spans, and not with which token', () => {
  const { command, env } = withSpansTo(RELAY, { command: ['codex', 'app-server'], env: {} });
  expect(env['OTEL_EXPORTER_OTLP_TRACES_HEADERS']).toBe('x-token=f00d');
  expect(command).toEqual([
    'codex',
    'app-server',
    '-c',
    'otel.trace_exporter={otlp-http={endpoint="http://127.0.0.1:4000/spans",protocol="json"}}',
  ]);
});

test('it sends them each second, unless the environment has another delay', () => {
  expect(envFor({})).toMatchObject({ OTEL_BSP_SCHEDULE_DELAY: '1000' });
  expect(envFor({ OTEL_BSP_SCHEDULE_DELAY: '200' })).toMatchObject({ OTEL_BSP_SCHEDULE_DELAY: '200' });
});

test('it has room for those of many turns at once, unless the environment says how much', () => {
  expect(envFor({})).toMatchObject({ OTEL_BSP_MAX_QUEUE_SIZE: '32768' });
  expect(envFor({ OTEL_BSP_MAX_QUEUE_SIZE: '64' })).toMatchObject({ OTEL_BSP_MAX_QUEUE_SIZE: '64' });
});

test('it sends them past every proxy', () => {
  expect(envFor({ HTTP_PROXY: 'http://proxy' })).toMatchObject({ NO_PROXY: '127.0.0.1' });
  expect(envFor({ NO_PROXY: '.corp' })).toMatchObject({ NO_PROXY: '.corp,127.0.0.1' });
  expect(envFor({ NO_PROXY: '', no_proxy: '.corp' })).toMatchObject({ NO_PROXY: '.corp,127.0.0.1' });
});

test('it gets no compression, which it does not bear, and no sampler, since it follows our decision', () => {
  const kept = { PATH: '/bin', OTEL_SPAN_EVENT_COUNT_LIMIT: '5' };
  const env = envFor({
    ...kept,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.5',
  });
  expect(env).toEqual({
    ...kept,
    OTEL_BSP_SCHEDULE_DELAY: '1000',
    OTEL_BSP_MAX_QUEUE_SIZE: '32768',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-token=f00d',
    NO_PROXY: '127.0.0.1',
  });
});

test('the Codex whose command the gateway composes runs commands with the usual variables alone', () => {
  const start = { command: ['codex', 'app-server'], env: { PATH: '/bin' } };
  expect(withCoreEnvironment(start)).toEqual({
    command: ['codex', 'app-server', '-c', 'shell_environment_policy.inherit="core"'],
    env: { PATH: '/bin' },
  });
});
