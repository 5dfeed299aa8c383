import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GatewayProcess, runCli, startGateway } from '../support/gateway.ts';
import {
  createUpstreamServer,
  plainAnswer,
  UPSTREAM_MODEL,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const NOWHERE = 'http://127.0.0.1:9/v1';

let folder: string;
let path: string;
let one: UpstreamServer;
let two: UpstreamServer;
let gateway: GatewayProcess;

const routes = (...rules: string[]): string => `backends:
  codex: { kind: app-server }
  one: { kind: http, url: "${one.url}", key_env: ONE_KEY }
  two: { kind: http, url: "${two.url}", apis: [chat] }
  down: { kind: http, url: "${NOWHERE}" }
models:
${rules.map((rule) => `  - ${rule}\n`).join('')}`;

const FIRST = [
  '{ match: "gpt-*", backend: one, model: renamed }',
  '{ match: safe, backend: down, fallback: [two] }',
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-routes-'));
  path = join(folder, 'routes.yaml');
  one = await createUpstreamServer(plainAnswer('one'));
  two = await createUpstreamServer(plainAnswer('two'));
  await writeFile(path, routes(...FIRST));
  gateway = await startGateway({ PROXY_ROUTES: path, ONE_KEY: 'sk-one' });
});
afterAll(async () => {
  await gateway?.remove();
  await Promise.all([one?.close(), two?.close()]);
  await rm(folder, { recursive: true });
});

const post = async (route: string, body: object) => {
  const response = await fetch(`${gateway.url}/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-client' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

/** What a chat with this model is answered, in the end. */
const chatWith = async (model: string): Promise<string> => {
  const { status, body } = await post('chat/completions', {
    model,
    messages: [{ role: 'user', content: 'hi' }],
  });
  return status === 200 ? body.choices[0].message.content : `${status} ${body.error.code}`;
};

const hangUp = async (says: string): Promise<void> => {
  const before = gateway.log.length;
  process.kill(gateway.pid, 'SIGHUP');
  await gateway.waitForLog((line) => gateway.log.indexOf(line) >= before && line.msg.includes(says));
};

it('serves Codex and several servers side by side', async () => {
  expect(await chatWith('gpt-4')).toBe('one');
  expect(one.calls.at(-1)).toMatchObject({
    body: { model: 'renamed' },
    headers: { authorization: 'Bearer sk-one' },
  });
  expect(await chatWith('throughline-echo')).toBe('You said: hi');
  expect(await chatWith('nothing')).toMatch(/^(503 backend_unavailable|404 model_not_found)$/);
});

it('asks the next backend where one cannot be reached', async () => {
  expect(await chatWith('safe')).toBe('two');
});

it('translates for a server that has chat alone', async () => {
  const { status, body } = await post('responses', { model: 'safe', input: 'hi' });
  expect([status, body.output?.at(-1)?.content?.[0]?.text]).toEqual([200, 'two']);
  expect(two.calls.at(-1)).toMatchObject({ path: '/v1/chat/completions' });
});

it('lists the models of all, and the names of the rules', async () => {
  const response = await fetch(`${gateway.url}/v1/models`);
  const { data } = (await response.json()) as { data: { id: string }[] };
  expect(data.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['safe', 'throughline-echo', UPSTREAM_MODEL]),
  );
});

it('is ready, and says which backend is missing', async () => {
  const ready = await fetch(`${gateway.url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok', missing: ['down'] }]);
  const { backends } = (await (await fetch(`${gateway.url}/healthz`)).json()) as { backends: object[] };
  expect(backends).toMatchObject([
    { name: 'codex', kind: 'app-server', ready: true },
    { name: 'one', kind: 'http', ready: true, circuit: { state: 'closed' } },
    { name: 'two', ready: true },
    { name: 'down', ready: false },
  ]);
});

it('reads the file again at SIGHUP, for new requests, and keeps the old routes where the new ones are wrong', async () => {
  await writeFile(path, routes('{ match: "gpt-*", backend: two }'));
  await hangUp('the routes were read again');
  expect(await chatWith('gpt-4')).toBe('two');
  await writeFile(path, routes('{ match: "gpt-*", backend: tow }'));
  await hangUp('the old ones stay');
  expect(gateway.log.findLast(({ msg }) => msg.includes('the old ones stay'))).toMatchObject({
    problems: [`${path}:7:32: there is no backend "tow"; did you mean two?`],
  });
  expect(await chatWith('gpt-4')).toBe('two');
});

it('lets a request end on its backend that the routes have no more', async () => {
  const held = Promise.withResolvers<void>();
  const leaving = await createUpstreamServer(async (response, call) => {
    await held.promise;
    await plainAnswer('from the old routes')(response, call);
  });
  try {
    const rule = '{ match: old, backend: leaving }';
    const more = `  leaving: { kind: http, url: "${leaving.url}" }\nmodels:`;
    await writeFile(path, routes(rule).replace('models:', more));
    await hangUp('the routes were read again');
    const came = leaving.nextCall();
    const answered = chatWith('old');
    await came;
    await writeFile(path, routes('{ match: old, backend: two }'));
    await hangUp('the routes were read again');
    expect(await chatWith('old')).toBe('two');
    expect(await chatWith('throughline-echo')).toBe('You said: hi');
    held.resolve();
    expect(await answered).toBe('from the old routes');
  } finally {
    held.resolve();
    await leaving.close();
  }
});

it('does not start with a file that is wrong, and says all that is', async () => {
  const wrong = join(folder, 'wrong.yaml');
  await writeFile(wrong, 'backends: { a: 1, b: { kind: htp } }');
  expect(await runCli(['serve'], { cwd: folder, env: { PROXY_ROUTES: wrong, PORT: '0' } })).toMatchObject({
    code: 2,
    stderr: [
      `throughline: ${wrong}:1:16: a must be a map, such as { kind: app-server }\n`,
      `throughline: ${wrong}:1:30: kind must be app-server or http; did you mean http?\n`,
    ].join(''),
  });
});
