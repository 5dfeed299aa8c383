import { exec } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readTimeline } from '../../src/timeline/timeline.ts';
import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, runCli, startGateway } from '../support/gateway.ts';
import { useGateway } from '../support/use-gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const MODEL = 'throughline-echo';

describe('a gateway that somebody has just started', () => {
  const running = useGateway();
  const get = (path: string, init: RequestInit = {}) => fetch(`${running.gateway.url}${path}`, init);

  it('greets in text, with a request that works as it is copied', async () => {
    const response = await get('/');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(response.headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/);
    const text = await response.text();
    expect(text).toContain('/docs');
    const commands = text.match(/^ {2}curl .*$/gm) ?? [];
    expect(commands).toHaveLength(2);
    const [models, answer] = await Promise.all(commands.map((command) => promisify(exec)(`${command} -s`)));
    expect(models?.stdout).toContain(MODEL);
    expect(JSON.parse(answer?.stdout ?? '')).toMatchObject({ object: 'chat.completion' });
  });

  it('greets a browser with a page that loads nothing from anywhere', async () => {
    const response = await get('/', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toContain('href="/docs"');
    expect(page).toContain(`curl ${running.gateway.url}/v1/chat/completions`);
    expect(page).not.toMatch(/<script|src=/);
  });

  it.each([
    ['POST', '/chat/completions', 'did you mean /v1/chat/completions?'],
    ['GET', '/v1', 'base URL ends in /v1'],
    ['GET', '/nowhere', '/docs has the routes'],
  ])('says of %s %s where it may have been meant to go', async (method, path, said) => {
    const response = await get(path, { method });
    expect(response.status).toBe(404);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error).toMatchObject({ code: 'route_not_found', message: expect.stringContaining(said) });
  });

  it.each([
    ['without a type', {}],
    ['with one', JSON_TYPE],
  ])('calls an empty body empty, %s', async (_what, headers) => {
    const response = await get('/v1/chat/completions', { method: 'POST', headers });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: expect.objectContaining({
          code: 'invalid_json',
          message: expect.stringContaining('is empty'),
        }),
      },
    ]);
  });

  it('has its newest request shown where none is named', async () => {
    const { reqId } = await chat(running.gateway.url, { model: MODEL, messages: user('the newest') });
    await running.gateway.usageOf(reqId);
    for (const args of [['trace'], ['trace', '--last']]) {
      const { code, stdout } = await runCli(args, { cwd: running.gateway.cwd });
      expect([code, stdout.split(' ')[0]]).toEqual([0, reqId]);
    }
  });

  it('is not started twice on one port: one line says so, and nothing of stopping', async () => {
    const { port } = new URL(running.gateway.url);
    const cwd = await mkdtemp(join(tmpdir(), 'throughline-taken-'));
    const ran = await runCli(['serve'], { cwd, env: { PORT: port } });
    expect(ran).toEqual({
      code: 1,
      stdout: '',
      stderr: `throughline: port ${port} of 127.0.0.1 is taken by another process; choose another one with PORT or --port\n`,
    });
    expect((await readdir(join(cwd, '.throughline'))).filter((name) => name.includes('writer'))).toEqual([]);
    await rm(cwd, { recursive: true, force: true });
  });
});

describe('a gateway with a key and a model of its own', () => {
  it('greets with a request that has places for both', async () => {
    const gateway = await startGateway(
      { PROXY_API_KEYS: 'secret-key', PROXY_UPSTREAM_URL: 'http://127.0.0.1:9/v1' },
      ({ msg }) => msg.startsWith('listening'),
    );
    try {
      const text = await (await fetch(gateway.url)).text();
      expect(text).toContain('authorization: Bearer YOUR_KEY');
      expect(text).toContain('"model":"MODEL"');
      expect(text).not.toContain('secret-key');
    } finally {
      await gateway.remove();
    }
  });
});

describe('two gateways on one mirror', () => {
  const gateways: GatewayProcess[] = [];
  let cwd: string;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'throughline-shared-'));
    const env = { PROTO_LOG_PATH: join(cwd, 'proto.ndjson'), TOKEN_LOG_PATH: join(cwd, 'usage.ndjson') };
    for (let count = 0; count < 2; count++) gateways.push(await startGateway(env));
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.remove()));
    await rm(cwd, { recursive: true, force: true });
  });

  it('are told, the second by the process id of the first', () => {
    const warnings = gateways.map(({ log }) => log.filter(({ level, pids }) => level === 'warn' && pids));
    expect(warnings[0]).toEqual([]);
    expect(warnings[1]).toMatchObject(
      ['proto.ndjson', 'usage.ndjson'].map((name) => ({ path: join(cwd, name), pids: [gateways[0]?.pid] })),
    );
    expect(warnings[1]?.[0]?.msg).toContain(`process ${gateways[0]?.pid}`);
  });

  it('stay correct: every request of both is read back whole', async () => {
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        chat(gateways[index % 2]?.url ?? '', {
          model: MODEL,
          stream: true,
          messages: user(`number ${index}`),
        }),
      ),
    );
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    const files = { protoLog: join(cwd, 'proto.ndjson'), usageLog: join(cwd, 'usage.ndjson') };
    for (const { reqId } of asked) {
      const { attempts, notes, entries } = await readTimeline({ reqId, ...files });
      expect([reqId, attempts.length, attempts[0]?.outcome, notes]).toEqual([reqId, 1, 'completed', []]);
      expect(entries.filter(({ source }) => source === 'usage')).toHaveLength(1);
    }
    expect((await readdir(cwd)).filter((name) => name.includes('writer'))).toEqual([]);
  });
});

describe('settings of throughline serve', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'throughline-settings-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  it('that are misspelt are warned about, with the nearest name and never their values', async () => {
    const gateway = await startGateway({
      PROXY_API_KEY: 'a-secret',
      PROXY_SOMETHING_ELSE: 'b',
      PROXY_WORKERS: '1',
    });
    try {
      const warnings = gateway.log.filter(({ variable }) => variable !== undefined);
      expect(warnings.map(({ msg }) => msg).sort()).toEqual([
        'PROXY_API_KEY is no setting; did you mean PROXY_API_KEYS?',
        'PROXY_SOMETHING_ELSE is no setting',
      ]);
      expect(JSON.stringify(gateway.log)).not.toContain('a-secret');
    } finally {
      await gateway.remove();
    }
  });

  it('may stand on the command line, before the environment, and in a file, behind it', async () => {
    const file = join(cwd, 'my.env');
    await writeFile(file, 'PORT=1\nPROXY_API_KEYS=from-the-file\nLOG_LEVEL="warn"\nHOST=203.0.113.1\n');
    const taken = await startGateway();
    const { port } = new URL(taken.url);
    // The port is taken, so each of these ends at once and says which port it would have had.
    const ran = await runCli(['serve', '--port', port, '--host', '127.0.0.1', '--env-file', file], {
      cwd,
      env: { PORT: '2', LOG_LEVEL: 'info' },
    });
    expect(ran.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
    const second = await runCli(['serve', '--host', '127.0.0.1', '--env-file', file], {
      cwd,
      env: { PORT: port },
    });
    expect(second.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
    await taken.remove();
  });

  it('of a file are those of the environment', async () => {
    const file = join(cwd, 'my.env');
    await writeFile(file, '# a comment\nPORT=70000\n');
    const ran = await runCli(['serve', '--env-file', file], { cwd });
    expect(ran).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^throughline: PORT=70000 .*\n$/),
    });
  });

  it.each([
    [['--port', 'many'], 'PORT=many'],
    [['--host', '0.0.0.0'], 'HOST=0.0.0.0'],
  ])('that are wrong on the command line stop the start with one line: %j', async (args, named) => {
    const { code, stdout, stderr } = await runCli(['serve', ...args], { cwd });
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toContain(`throughline: ${named} is not valid: `);
  });

  it('of a file that is not there stop the start with one line', async () => {
    const { code, stdout, stderr } = await runCli(['serve', '--env-file', '/nowhere/my.env'], { cwd });
    // Node looks for this option in all arguments, and ends with 9 before any code of ours runs.
    expect([2, 9]).toContain(code);
    expect([stdout, stderr.split('\n').length]).toEqual(['', 2]);
    expect(stderr).toContain('/nowhere/my.env');
  });
});
