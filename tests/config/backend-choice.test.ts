import { resolve } from 'node:path';
import { readConfig } from '../../src/config/index.ts';

const URL_ALONE = { PROXY_UPSTREAM_URL: 'http://127.0.0.1:9001/v1' };

const settingsOf = (env: Record<string, string>) => {
  const { backend } = readConfig({ ...URL_ALONE, ...env });
  if (backend.kind !== 'http') throw new Error(`it is ${backend.kind}`);
  return backend.settings;
};

const refusal = (env: Record<string, string>): string => {
  try {
    readConfig(env);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  throw new Error(`${JSON.stringify(env)} was taken`);
};

test.each([{}, { CODEX_BIN: 'codex' }, { PROXY_BACKEND: 'app-server' }])(
  'with %j an app-server answers',
  (env) => {
    expect(readConfig(env).backend).toEqual({ kind: 'app-server' });
  },
);

test('the URL of a server alone makes it the backend, which serves all APIs, with the times of the environment', () => {
  const times = {
    PROXY_CONNECT_TIMEOUT_MS: '1',
    PROXY_FIRST_BYTE_TIMEOUT_MS: '2',
    PROXY_IDLE_TIMEOUT_MS: '3',
  };
  expect(settingsOf({ ...times, PROXY_UPSTREAM_API_KEY: 'sk-up' })).toEqual({
    name: 'upstream',
    url: new URL('http://127.0.0.1:9001/v1'),
    key: 'sk-up',
    auth: 'own',
    trust: true,
    apis: ['chat', 'completions', 'responses', 'embeddings', 'moderations'],
    usage: 'ask',
    passthrough: false,
    metadata: false,
    timeouts: { connectMs: 1, firstByteMs: 2, idleMs: 3 },
    headers: {},
  });
});

test('what a server has itself can be said without a routes file', () => {
  expect(settingsOf({ PROXY_UPSTREAM_APIS: 'embeddings, chat' })).toMatchObject({
    apis: ['chat', 'embeddings'],
  });
});

test('the key of a server is no business of an app-server', () => {
  expect(readConfig({ ...URL_ALONE, PROXY_UPSTREAM_API_KEY: 'sk-up' }).childEnv).toEqual({});
});

test.each([
  ['http://127.0.0.1:1/v1', true],
  ['http://127.9.9.9/v1', true],
  ['http://localhost:1/v1', true],
  ['http://[::1]:1/v1', true],
  ['https://m.example/v1', false],
  ['http://192.168.1.5/v1', false],
  ['http://127.0.0.1.example/v1', false],
  ['http://localhost.example/v1', false],
  ['http://[::2]/v1', false],
])('%s is trusted: %s', (PROXY_UPSTREAM_URL, trust) => {
  expect(settingsOf({ PROXY_UPSTREAM_URL }).trust).toBe(trust);
});

test('a slash at the end of the URL is not kept, since paths begin with one', () => {
  expect(settingsOf({ PROXY_UPSTREAM_URL: 'http://127.0.0.1:1/a/v1//' }).url.href).toBe(
    'http://127.0.0.1:1/a/v1',
  );
});

test('PROXY_BACKEND=http prefers the server to an app-server that is named as well', () => {
  expect(settingsOf({ PROXY_BACKEND: 'http', CODEX_BIN: 'codex' }).name).toBe('upstream');
});

test.each([
  [{ ...URL_ALONE, CODEX_BIN: 'codex' }, /^PROXY_UPSTREAM_URL=.*CODEX_BIN/],
  [{ ...URL_ALONE, PROXY_APP_SERVER_CMD: 'codex' }, /^PROXY_UPSTREAM_URL=.*PROXY_APP_SERVER_CMD/],
  [{ ...URL_ALONE, PROXY_APP_SERVER_URL: 'ws://127.0.0.1:1' }, /^PROXY_UPSTREAM_URL=.*PROXY_APP_SERVER_URL/],
  [{ ...URL_ALONE, PROXY_BACKEND: 'app-server' }, /^PROXY_BACKEND=app-server .*PROXY_UPSTREAM_URL/],
  [{ PROXY_BACKEND: 'http' }, /^PROXY_BACKEND=http .*only with PROXY_UPSTREAM_URL/],
  [{ ...URL_ALONE, PROXY_ROUTES: 'routes.yaml' }, /^PROXY_ROUTES=routes.yaml .*PROXY_UPSTREAM_URL/],
  [{ PROXY_BACKEND: 'http', PROXY_ROUTES: 'routes.yaml' }, /^PROXY_BACKEND=http .*PROXY_ROUTES/],
  [
    { ...URL_ALONE, PROXY_UPSTREAM_APIS: 'chat,images' },
    /^PROXY_UPSTREAM_APIS=chat,images .*a comma list of chat, completions/,
  ],
  [{ PROXY_UPSTREAM_APIS: 'chat' }, /^PROXY_UPSTREAM_APIS=chat .*only with PROXY_UPSTREAM_URL/],
  [
    { PROXY_UPSTREAM_API_KEY: 'sk-up' },
    /^PROXY_UPSTREAM_API_KEY=\(not shown\) .*only with PROXY_UPSTREAM_URL/,
  ],
  [
    { ...URL_ALONE, PROXY_UPSTREAM_API_KEY: 'sk up' },
    /^PROXY_UPSTREAM_API_KEY=\(not shown\) .*without blanks/,
  ],
  [
    { PROXY_UPSTREAM_URL: 'http://127.0.0.1/v1?key=sk-up' },
    /^PROXY_UPSTREAM_URL=\(not shown\) .*without a query/,
  ],
])('%j is refused, and both settings are named', (env, message) => {
  expect(refusal(env)).toMatch(message);
  expect(refusal(env)).not.toMatch(/\n|sk-/);
});

test('the routes file is named by the whole of its path, and is not read with the environment', () => {
  expect(readConfig({ PROXY_ROUTES: 'no/such/routes.yaml' }).backend).toEqual({
    kind: 'routes',
    path: resolve('no/such/routes.yaml'),
    ofAppServer: [],
    load: expect.any(Function),
  });
});

test('with routes the settings of the app-server count, since it may be among the backends', () => {
  const config = readConfig({ PROXY_ROUTES: 'routes.yaml', CODEX_BIN: 'codex' });
  expect([config.backend.kind, config.appServerCommand]).toEqual(['routes', ['codex', 'app-server']]);
});

test('what loads the routes file has the environment, and says of the file what is wrong with it', async () => {
  const { backend } = readConfig({ PROXY_ROUTES: '/no/such/routes.yaml' });
  if (backend.kind !== 'routes') throw new Error(backend.kind);
  await expect(backend.load()).rejects.toThrow('/no/such/routes.yaml: cannot be read (ENOENT)');
});
