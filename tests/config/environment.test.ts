import { readConfig } from '../../src/config/index.ts';

test('the app-server inherits the environment, but none of our settings, identity and credentials', () => {
  const kept = {
    PATH: '/bin',
    HOME: '/root',
    CODEX_HOME: '/c',
    OPENAI_API_KEY: 'sk-for-codex',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
  };
  const ours = {
    PROXY_API_KEYS: 'alice:sk-1',
    PROXY_TIMEOUT_MS: '5',
    OTEL_SERVICE_NAME: 'mine',
    OTEL_RESOURCE_ATTRIBUTES: 'a=b',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=secret',
  };
  expect(readConfig({ ...kept, ...ours, GONE: undefined }).childEnv).toEqual(kept);
});

test('telemetry is handed the OTEL_ variables, all of them', () => {
  const otel = {
    OTEL_SERVICE_NAME: 'mine',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=b',
    OTEL_TRACES_SAMPLER: 'always_on',
  };
  expect(readConfig({ ...otel, PATH: '/bin' }).otelEnv).toEqual(otel);
});

test.each([
  [{ HOME: '/home/me' }, '/home/me/.codex/config.toml'],
  [{ HOME: '/home/me', CODEX_HOME: '/data/codex' }, '/data/codex/config.toml'],
  [{ CODEX_HOME: 'codex', PROXY_CODEX_WORKDIR: '/srv/codex' }, '/srv/codex/codex/config.toml'],
])('the Codex that CODEX_BIN names in %j has its configuration in %s', (env, path) => {
  expect(readConfig({ CODEX_BIN: 'codex', ...env })).toMatchObject({
    appServerCommand: ['codex', 'app-server'],
    codexConfigs: [path, '/etc/codex/config.toml'],
  });
});

test('the configuration of a Codex that somebody else starts is none of ours', () => {
  const command = { CODEX_BIN: 'codex', PROXY_APP_SERVER_CMD: 'codex app-server' };
  expect(readConfig(command).codexConfigs).toBeNull();
  expect(readConfig({ PROXY_APP_SERVER_URL: 'ws://127.0.0.1:4500' }).codexConfigs).toBeNull();
});
