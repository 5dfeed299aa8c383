import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigError, logPaths, readConfig } from '../../src/config/index.ts';

test('without any variable the gateway is local, in development, with everything in .throughline', () => {
  expect(readConfig({})).toEqual({
    host: '127.0.0.1',
    port: 8787,
    processes: 1,
    isMember: false,
    apiKeys: [],
    sites: { hosts: 'loopback', allowed: [] },
    production: false,
    unknownVariables: [],
    strictParameters: false,
    capture: 'full',
    redactFile: null,
    mirror: true,
    traceRequired: false,
    mirrorPath: resolve('.throughline/proto.ndjson'),
    usagePath: resolve('.throughline/usage.ndjson'),
    mirrorMaxBytes: 512 * 1024 * 1024,
    retentionDays: null,
    logLevel: 'info',
    appServerCommand: null,
    byNpm: false,
    codexBin: false,
    codexHome: join(homedir(), '.codex'),
    codexConfigs: [join(homedir(), '.codex/config.toml'), '/etc/codex/config.toml'],
    codexTools: 'read-only',
    echoFaults: false,
    appServerUrl: null,
    backend: { kind: 'app-server' },
    traceTrust: 'always',
    workdir: null,
    timeoutMs: 600_000,
    limits: {
      maxConcurrency: 512,
      maxStreams: 256,
      maxPerKey: null,
      queueMax: 256,
      queueWaitMs: 2_000,
      bodyTimeoutMs: 60_000,
      clientStallMs: 30_000,
      drainMs: 10_000,
      keepaliveMs: 15_000,
      maxBodyBytes: 12 * 1024 * 1024,
    },
    workers: 1,
    maxRestarts: 10,
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 300_000,
    idleTimeoutMs: 300_000,
    interruptTimeoutMs: 5_000,
    childEnv: {},
    namedEnv: expect.any(Function),
    otelEnv: {},
  });
});

test('what is empty or blank counts as not set', () => {
  expect(readConfig({ PORT: '', HOST: '  ', PROXY_API_KEYS: ' ', PROXY_WORKERS: '' })).toMatchObject({
    host: '127.0.0.1',
    port: 8787,
    apiKeys: [],
    sites: { hosts: 'loopback', allowed: [] },
  });
});

test('PROXY_PROCESSES=auto is one process for each core', () => {
  expect(readConfig({ PROXY_PROCESSES: 'auto' }).processes).toBe(Math.min(64, availableParallelism()));
  expect(readConfig({ PROXY_PROCESSES: '3' }).processes).toBe(3);
});

test('spaces around a value are not part of it', () => {
  expect(readConfig({ PORT: ' 9000 ', LOG_LEVEL: ' warn ' })).toMatchObject({ port: 9000, logLevel: 'warn' });
});

test.each(['production', 'staging', 'Dev', 'test'])(
  'PROXY_ENV=%s is not development: less is kept',
  (PROXY_ENV) => {
    expect(readConfig({ PROXY_ENV })).toMatchObject({ production: true, capture: 'metadata', mirror: false });
  },
);

test('the mirror can be switched on in production, and off in development', () => {
  expect(readConfig({ PROXY_ENV: 'production', LOG_PROTO: 'true' }).mirror).toBe(true);
  expect(readConfig({ LOG_PROTO: 'false' }).mirror).toBe(false);
});

test.each(['true', 'TRUE', '1', 'yes', 'on'])('LOG_PROTO=%s is on', (LOG_PROTO) => {
  expect(readConfig({ PROXY_ENV: 'production', LOG_PROTO }).mirror).toBe(true);
});

test.each(['false', '0', 'no', 'OFF'])('LOG_PROTO=%s is off', (LOG_PROTO) => {
  expect(readConfig({ LOG_PROTO }).mirror).toBe(false);
});

test('keys have the names that they are given, or are numbered, and may hold colons', () => {
  expect(readConfig({ PROXY_API_KEYS: 'alice:sk-1, sk-2 ,bob:sk:3,,' }).apiKeys).toEqual([
    { name: 'alice', key: 'sk-1' },
    { name: 'key2', key: 'sk-2' },
    { name: 'bob', key: 'sk:3' },
  ]);
});

test.each([
  ['codex app-server', ['codex', 'app-server']],
  ['"/opt/my codex/bin" app-server -c \'a="b c"\'', ['/opt/my codex/bin', 'app-server', '-c', 'a="b c"']],
  ['  node   x.js  ', ['node', 'x.js']],
])('PROXY_APP_SERVER_CMD=%s is split into words, quotes group them', (PROXY_APP_SERVER_CMD, command) => {
  expect(readConfig({ PROXY_APP_SERVER_CMD }).appServerCommand).toEqual(command);
});

test('CODEX_BIN alone means its app-server; a command that is given wins', () => {
  expect(readConfig({ CODEX_BIN: '/opt/codex' }).appServerCommand).toEqual(['/opt/codex', 'app-server']);
  expect(readConfig({ CODEX_BIN: '/opt/codex', PROXY_APP_SERVER_CMD: 'other' }).appServerCommand).toEqual([
    'other',
  ]);
});

test('another app-server may listen already', () => {
  expect(readConfig({ PROXY_APP_SERVER_URL: 'ws://127.0.0.1:4500' }).appServerUrl).toBe(
    'ws://127.0.0.1:4500',
  );
});

test.each(['always', 'authenticated', 'never'] as const)('trace contexts are trusted %s', (trust) => {
  expect(readConfig({ PROXY_TRACE_TRUST: trust }).traceTrust).toBe(trust);
});

test.each(['127.0.0.1', 'localhost', '::1'])('%s may be bound without keys', (HOST) => {
  expect(readConfig({ HOST }).host).toBe(HOST);
});

test.each([{ PROXY_API_KEYS: 'k' }, { PROXY_ALLOW_ANONYMOUS: 'true' }])(
  'any address may be bound with %j',
  (more) => {
    expect(readConfig({ HOST: '0.0.0.0', ...more }).host).toBe('0.0.0.0');
  },
);

test('the backend has as many workers and as much time as the environment says', () => {
  const config = readConfig({
    PROXY_WORKERS: '64',
    PROXY_MAX_RESTARTS: '1',
    PROXY_CONNECT_TIMEOUT_MS: '2',
    PROXY_FIRST_BYTE_TIMEOUT_MS: '3',
    PROXY_IDLE_TIMEOUT_MS: '4',
    PROXY_INTERRUPT_TIMEOUT_MS: '5',
  });
  expect(config).toMatchObject({
    workers: 64,
    maxRestarts: 1,
    connectTimeoutMs: 2,
    firstByteTimeoutMs: 3,
    idleTimeoutMs: 4,
    interruptTimeoutMs: 5,
  });
});

test('the configuration is frozen, with all that is in it', () => {
  const config = readConfig({ PROXY_API_KEYS: 'alice:sk-1', CODEX_BIN: 'codex', PATH: '/bin' });
  const parts = [
    config,
    config.apiKeys,
    config.apiKeys[0],
    config.appServerCommand,
    config.childEnv,
    config.otelEnv,
  ];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});

test('the environment that it is read from is left as it was', () => {
  const env = Object.freeze({ PORT: '1', PROXY_API_KEYS: 'a:b', OTEL_SDK_DISABLED: 'true' });
  expect(() => readConfig(env)).not.toThrow();
});

test('the reading commands find the logs, whatever else is wrong', () => {
  expect(logPaths({ PORT: 'wrong', PROTO_LOG_PATH: '/a/m.ndjson' })).toEqual({
    mirrorPath: '/a/m.ndjson',
    usagePath: resolve('.throughline/usage.ndjson'),
  });
});

test('a wrong value is a ConfigError', () => {
  expect(() => readConfig({ PORT: 'x' })).toThrow(ConfigError);
});
