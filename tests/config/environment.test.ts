import { resolve } from 'node:path';
import { readConfig } from '../../src/config/index.ts';

const ADMITTED = {
  PATH: '/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  HTTPS_PROXY: 'http://proxy:3128',
  no_proxy: '.corp',
  SSL_CERT_FILE: '/certs/a.pem',
  NODE_EXTRA_CA_CERTS: '/certs/b.pem',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
};
const FOR_CODEX = { CODEX_HOME: '/c', OPENAI_API_KEY: 'sk-for-codex' };
const NOBODY_ELSES = {
  DATABASE_URL: 'postgres://me:secret@db/prod',
  AWS_SECRET_ACCESS_KEY: 'secret',
  GITHUB_TOKEN: 'secret',
  NODE_OPTIONS: '--require /tmp/x.js',
  LD_PRELOAD: '/tmp/x.so',
  MY_OPENAI_API_KEY: 'secret',
  OTEL_SERVICE_NAME: 'mine',
  OTEL_RESOURCE_ATTRIBUTES: 'a=b',
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=secret',
};
const OURS = { PROXY_API_KEYS: 'alice:sk-1', PROXY_TIMEOUT_MS: '5' };
const EVERYTHING = { ...ADMITTED, ...FOR_CODEX, ...NOBODY_ELSES, ...OURS, GONE: undefined };

test.each([{ CODEX_BIN: 'codex' }, { PROXY_APP_SERVER_CMD: 'codex app-server' }])(
  'a Codex that %j starts gets a list of variables, and nothing that is not on it',
  (start) => {
    expect(readConfig({ ...EVERYTHING, ...start }).childEnv).toEqual({ ...ADMITTED, ...FOR_CODEX });
  },
);

test('the embedded app-server gets no credentials that lie in the environment', () => {
  expect(readConfig(EVERYTHING).childEnv).toEqual(ADMITTED);
});

test('PROXY_APP_SERVER_ENV adds variables by their names', () => {
  const env = { ...EVERYTHING, PROXY_APP_SERVER_ENV: 'GITHUB_TOKEN, NOT_SET' };
  expect(readConfig(env).childEnv).toEqual({ ...ADMITTED, GITHUB_TOKEN: 'secret' });
});

test.each(['PROXY_API_KEYS', 'a b', 'A=1', '1ST'])('PROXY_APP_SERVER_ENV=%s is refused', (name) => {
  expect(() => readConfig({ PROXY_APP_SERVER_ENV: `PATH,${name}` })).toThrow(
    `PROXY_APP_SERVER_ENV=${name} is not valid: a comma list of names of variables, none PROXY_*`,
  );
});

test('what the configuration of Codex names is there, unless it is one of our own settings', () => {
  const { namedEnv } = readConfig(EVERYTHING);
  expect(namedEnv(['MY_OPENAI_API_KEY', 'PROXY_API_KEYS', 'NOT_SET'])).toEqual({
    MY_OPENAI_API_KEY: 'secret',
  });
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
  [{ HOME: '/home/me' }, '/home/me/.codex', undefined],
  [{ HOME: '/home/me', CODEX_HOME: '/data/codex' }, '/data/codex', '/data/codex'],
  [{ CODEX_HOME: 'codex', PROXY_CODEX_WORKDIR: '/srv/work' }, resolve('codex'), resolve('codex')],
])('Codex in %j has its configuration in %s, and is told so', (env, home, told) => {
  const config = readConfig({ CODEX_BIN: 'codex', ...env });
  expect(config).toMatchObject({
    codexHome: home,
    codexConfigs: [`${home}/config.toml`, '/etc/codex/config.toml'],
  });
  expect(config.childEnv['CODEX_HOME']).toBe(told);
});

test('the gateway composes the command that CODEX_BIN alone names', () => {
  expect(readConfig({ CODEX_BIN: 'codex' })).toMatchObject({
    codexBin: true,
    appServerCommand: ['codex', 'app-server'],
  });
  expect(readConfig({ CODEX_BIN: 'codex', PROXY_APP_SERVER_CMD: 'codex app-server' }).codexBin).toBe(false);
});

test('a program that is named by a relative path is the one seen from the folder of the start', () => {
  expect(readConfig({ CODEX_BIN: './bin/codex' }).appServerCommand).toEqual([
    resolve('bin/codex'),
    'app-server',
  ]);
});

test.each([
  [{}, 'read-only'],
  [{ PROXY_API_KEYS: 'alice:a' }, 'read-only'],
  [{ PROXY_API_KEYS: 'alice:a,alice:b' }, 'read-only'],
  [{ PROXY_API_KEYS: 'alice:a,bob:b' }, 'off'],
  [{ PROXY_API_KEYS: 'alice:a,bob:b', PROXY_CODEX_TOOLS: 'read-only' }, 'read-only'],
  [{ PROXY_CODEX_TOOLS: 'off' }, 'off'],
  [{ HOST: '0.0.0.0', PROXY_ALLOW_ANONYMOUS: 'true' }, 'off'],
])('with %j the tools of Codex are %s', (env, tools) => {
  expect(readConfig(env).codexTools).toBe(tools);
});

test('there is no other choice for the tools of Codex', () => {
  expect(() => readConfig({ PROXY_CODEX_TOOLS: 'full' })).toThrow(
    'PROXY_CODEX_TOOLS=full is not valid: one of off, read-only',
  );
});
