import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCodexHome } from '../support/codex.ts';
import { agentTexts, runCodexExec } from '../support/codex-exec.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { blockOf, commandsOf } from '../support/markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const runShell = async (command: string, env: Record<string, string>) => {
  const child = spawn('bash', ['-c', command], { cwd: ROOT, env: { ...process.env, ...env } });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output };
};

describe('the README', () => {
  let gateway: GatewayProcess;
  let commands: string[];
  let readme: string;
  beforeAll(async () => {
    gateway = await startGateway();
    readme = await readFile(join(ROOT, 'README.md'), 'utf8');
    commands = commandsOf(readme);
  });
  afterAll(() => gateway?.remove());

  const found = (start: string): string => commands.find((command) => command.startsWith(start)) ?? '';

  it('has the two commands that the package and CI run, and no command that no test knows', async () => {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['start', 'test']));
    const ci = await readFile(join(ROOT, '.ci', 'run'), 'utf8');
    expect(ci).toContain('npm ci && npm test');
    // What runs those with a server or routes is readme-upstream.test.ts.
    const starts = ['curl ', 'npx ', 'PROXY_UPSTREAM_URL=', 'PROXY_ROUTES='];
    const known = ['npm ci && npm start', 'npm ci && npm test', ...starts.map(found)];
    expect(commands.filter((command) => !known.includes(command))).toEqual([]);
  });

  it('shows a request that works as it stands, and a trace of it that works as it stands', async () => {
    const curl = await runShell(found('curl ').replace('http://127.0.0.1:8787', gateway.url), {});
    expect(curl.code).toBe(0);
    expect(curl.output).toContain('data: [DONE]');
    const reqId = /x-request-id: (req_[0-9a-f]{12})/.exec(curl.output)?.[1] ?? '';
    const trace = await runShell(found('npx ').replace(/req_[0-9a-f]{12}/, reqId), {
      PROTO_LOG_PATH: join(gateway.cwd, '.throughline', 'proto.ndjson'),
      TOKEN_LOG_PATH: join(gateway.cwd, '.throughline', 'usage.ndjson'),
    });
    expect(trace.code).toBe(0);
    expect(trace.output).toContain(`${reqId}  ✓ completed  200`);
    expect(trace.output).toContain('client_sse_done');
  });

  /** The one block of that language, as it is for the gateway of this test. */
  const block = (language: string): string => {
    const text = blockOf(readme, language);
    expect(text).toContain('http://127.0.0.1:8787');
    return text.replace('http://127.0.0.1:8787', gateway.url);
  };

  it('shows a program with the openai package that works as it stands', async () => {
    // Below the project, so that it finds the package.
    await mkdir(join(ROOT, '.throughline-test'), { recursive: true });
    const folder = await mkdtemp(join(ROOT, '.throughline-test', 'readme-'));
    try {
      await writeFile(join(folder, 'snippet.mjs'), block('js'));
      const ran = await runShell(`'${process.execPath}' '${join(folder, 'snippet.mjs')}'`, {});
      expect(ran).toEqual({ code: 0, output: 'You said: hello there' });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('shows a configuration with which Codex is a client', async () => {
    const home = await createCodexHome({ modelUrl: gateway.url });
    try {
      await writeFile(join(home.path, 'config.toml'), block('toml'));
      const run = await runCodexExec(home, 'hello');
      expect(run).toMatchObject({ code: 0 });
      expect(agentTexts(run)).toEqual([expect.stringContaining('You said: hello')]);
    } finally {
      await home.remove();
    }
  });

  it('names every variable of the configuration, and none that the code does not know', async () => {
    const entries = await readdir(join(ROOT, 'src/config'), { recursive: true });
    const files = entries.filter((name) => name.endsWith('.ts')).map((name) => `src/config/${name}`);
    const [readme, ...sources] = await Promise.all(
      ['README.md', ...files].map((path) => readFile(join(ROOT, path), 'utf8')),
    );
    const source = sources.join('\n');
    const names = (text = '') => new Set(text.match(/\b(?:PROXY|LOG|PROTO|TOKEN|CODEX)_[A-Z_]+\b/g));
    const notBuilt = new Set(/const NOT_BUILT = \[(.*?)\];/s.exec(source)?.[1]?.match(/[A-Z_]+/g));
    const built = [...names(source)].filter(
      (name) => !notBuilt.has(name) && !['LOG_LEVELS', 'PROXY_'].includes(name),
    );
    expect([...names(readme)].sort()).toEqual(built.sort());
  });
});
