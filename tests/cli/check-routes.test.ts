import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../support/gateway.ts';

const ROUTES = `backends:
  codex: { kind: app-server }
  next: { kind: http, url: "http://127.0.0.1:9001/v1", key_env: NEXT_KEY, trust: true, apis: [chat], headers: { x-a: sk-header } }
  own: { kind: http, url: "https://m.example/v1", auth: forward, usage: as-is, passthrough: true }
models:
  - { match: "gpt-*", backend: next, fallback: [codex, own] }
  - { match: gpt-4, backend: codex }
  - { match: mixed, backends: [ { backend: next, weight: 9 }, { backend: codex, weight: 1 } ], model: m }
`;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-check-'));
  path = join(folder, 'routes.yaml');
});
afterEach(() => rm(folder, { recursive: true }));

const check = async (content: string, args: readonly string[] = [path], env: Record<string, string> = {}) => {
  await writeFile(path, content);
  return runCli(['check', ...args], { cwd: folder, env });
};

test('check shows what a routes file says, and which variables are set, but no key and no header', async () => {
  const checked = await check(ROUTES, [path], { NEXT_KEY: 'sk-next' });
  expect(checked).toEqual({ code: 0, stderr: '', stdout: expect.any(String) });
  expect(
    checked.stdout,
  ).toBe(`BACKEND  KIND        URL                       KEY               APIS                                               MORE
codex    app-server
next     http        http://127.0.0.1:9001/v1  NEXT_KEY (set)    chat                                               trusted, headers x-a
own      http        https://m.example/v1      the client's own  chat completions responses embeddings moderations  usage as-is, passthrough

MATCH  BACKEND         MODEL  FALLBACK
gpt-*  next                   codex own
gpt-4  codex                             never reached: gpt-* is before it
mixed  next:9 codex:1  m
`);
});

test('a variable that is not set is told of beside the table, and with exit code 2, since the gateway would not start', async () => {
  const checked = await check(ROUTES);
  expect(checked).toMatchObject({
    code: 2,
    stderr: `throughline: ${path}:3:65: the variable NEXT_KEY is not set\n`,
  });
  expect(checked.stdout).toContain('NEXT_KEY (not set)');
});

test('every mistake is a line on stderr', async () => {
  const checked = await check('backends: { a: 1, b: { kind: htp } }');
  expect(checked).toEqual({
    code: 2,
    stdout: '',
    stderr: [
      `throughline: ${path}:1:16: a must be a map, such as { kind: app-server }\n`,
      `throughline: ${path}:1:30: kind must be app-server or http; did you mean http?\n`,
    ].join(''),
  });
});

test('--json is for programs, with the same and without secrets', async () => {
  const right = await check(ROUTES, ['--json', path], { NEXT_KEY: 'sk-next' });
  expect(right.stdout).not.toContain('sk-');
  expect(JSON.parse(right.stdout)).toMatchObject({
    path,
    backends: [
      { name: 'codex' },
      { key_env: 'NEXT_KEY', key_set: true, headers: ['x-a'] },
      { auth: 'forward' },
    ],
    models: [{ match: 'gpt-*' }, { match: 'gpt-4', never_reached: true }, { model: 'm' }],
    problems: [],
  });
  const wrong = await check('backends: {}', ['--json', path]);
  expect([wrong.code, JSON.parse(wrong.stdout)]).toEqual([
    2,
    { path, problems: [`${path}:1:11: backends must have one at least`] },
  ]);
});

test('--routes checks a file whatever it is called, and says so where it is not there', async () => {
  const missing = join(folder, 'none');
  expect(await check(ROUTES, ['--routes', missing])).toEqual({
    code: 2,
    stdout: '',
    stderr: `throughline: ${missing}: cannot be read (ENOENT)\n`,
  });
});

test('a setting of the times that is wrong is told of as such', async () => {
  const checked = await check(ROUTES, [path], { NEXT_KEY: 'k', PROXY_IDLE_TIMEOUT_MS: '5s' });
  expect([checked.code, checked.stderr]).toEqual([
    2,
    expect.stringContaining('PROXY_IDLE_TIMEOUT_MS=5s is not valid'),
  ]);
});

test('a text stays a text: where there is no such file, and with rules for it', async () => {
  expect(await check(ROUTES, ['no-such.yaml'])).toEqual({
    code: 0,
    stdout: 'no-such.yaml\n',
    stderr: expect.stringMatching(/^throughline: there is no file no-such\.yaml: .* --routes .*\n/),
  });
  expect((await check(ROUTES, ['look in routes.yaml'])).stderr).not.toContain('no file');
  const rules = join(folder, 'rules.txt');
  await writeFile(rules, 'keys: [employee_id]');
  expect(await check(ROUTES, ['--redact', rules, path])).toMatchObject({ code: 0, stdout: `${path}\n` });
});
