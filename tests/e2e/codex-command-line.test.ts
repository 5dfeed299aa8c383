import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { findProgram } from '../../src/backend/app-server/codex/facts.ts';
import { startAppServer } from '../support/app-server-client.ts';
import { backendPid } from '../support/backend-pid.ts';
import { CODEX_BIN, createCodexHome } from '../support/codex.ts';
import { startCodexGateway } from '../support/codex-gateway.ts';
import { startGateway } from '../support/gateway.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

/** What a process was started with, which every user of the machine may read. */
const commandLineOf = async (pid: number): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');

describe('the Codex whose command the gateway composes', () => {
  const running = useCodexGateway({ env: { CODEX_BIN, PROXY_APP_SERVER_CMD: '' } });

  it('is told of its commands’ environment and of our receiver, and of no token, where all can read it', async () => {
    const pid = await backendPid(running.gateway);
    const line = await commandLineOf(pid);
    expect(line).toContain('shell_environment_policy.inherit="core"');
    expect(line).toContain('otel.trace_exporter=');
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    const [, token = ''] =
      /OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-throughline-token=(\w{32})/.exec(environment) ?? [];
    expect(token).toHaveLength(32);
    expect(line).not.toContain(token);
  });

  it('has a receiver that takes nothing of somebody who knows the command line', async () => {
    const line = await commandLineOf(await backendPid(running.gateway));
    const [, url = ''] = /endpoint="([^"]+)"/.exec(line) ?? [];
    const headers = { 'content-type': 'application/json' };
    const forged = await fetch(url, { method: 'POST', headers, body: '{"resourceSpans":[]}' });
    expect(forged.status).toBe(401);
  });
});

test('the program of Codex is found behind a script that has started it', async () => {
  const home = await createCodexHome({ modelUrl: 'http://127.0.0.1:1' });
  const client = startAppServer({ ...home, argv: ['/bin/sh', '-c', `${CODEX_BIN} app-server; exit`] });
  try {
    await client.call('initialize', { clientInfo: { name: 'test', title: 'Test', version: '0' } });
    expect(await findProgram(client.child.pid)).toMatch(/\/bin\/codex$/);
  } finally {
    await client.close();
    await home.remove();
  }
});

const foldersOf = async (pid: number): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`throughline-turn-${pid}-`));

test('a gateway that stops leaves no folder behind, and the next one removes those of one that was killed', async () => {
  const killed = await startCodexGateway({ env: { PROXY_CODEX_WORKDIR: '' } });
  try {
    const { pid } = killed.gateway;
    expect(await foldersOf(pid)).toHaveLength(1);
    await killed.gateway.kill('SIGKILL');
    expect(await foldersOf(pid)).toHaveLength(1);
    const next = await startGateway({ ...killed.home.env, PROXY_APP_SERVER_CMD: killed.home.command });
    expect(await foldersOf(pid)).toEqual([]);
    expect(await foldersOf(next.pid)).toHaveLength(1);
    await next.remove();
    expect(await foldersOf(next.pid)).toEqual([]);
  } finally {
    await killed.remove();
  }
});
