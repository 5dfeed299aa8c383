import { join } from 'node:path';
import { type CodexHome, createCodexHome } from '../support/codex.ts';
import { attack, PLANTED, PLANTED_ENV, PLANTED_HOME, plant } from '../support/codex-attack.ts';
import { isReady, startGateway } from '../support/gateway.ts';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { createModelServer } from '../support/model-server.ts';
import { clientOf, type useCodexGateway } from '../support/use-gateway.ts';

describe('a Codex that listens already, whose program nobody can tell', () => {
  const running = {} as ReturnType<typeof useCodexGateway>;
  let home: CodexHome;
  let server: ListeningServer;

  beforeAll(async () => {
    const model = await createModelServer();
    home = await createCodexHome({ modelUrl: model.url, files: PLANTED_HOME });
    server = await startListening(home.argv, { ...home.env, ...PLANTED_ENV });
    const gateway = await startGateway({ PROXY_APP_SERVER_URL: server.url, CODEX_HOME: home.path });
    Object.assign(running, { gateway, home, model, openai: clientOf(gateway) });
    await plant(running);
  });
  afterAll(async () => {
    await running.gateway?.remove();
    await server?.stop();
    await running.model?.close();
    await home?.remove();
  });

  it('runs its commands without its environment, and without a sight of logs and login', async () => {
    const data = join(running.gateway.cwd, '.throughline');
    const hidden = [join(data, 'proto.ndjson'), join(data, 'usage.ndjson'), join(home.path, 'auth.json')];
    const command = `env; cat /proc/[0-9]*/environ; cat ${hidden.join(' ')}; echo the end`;
    const [seen = ''] = await attack(running, [{ do: 'shell', command }]);
    expect(seen).toContain('the end');
    expect(seen.match(/: Permission denied/g)?.length).toBeGreaterThanOrEqual(hidden.length);
    expect(seen).not.toContain(PLANTED);
  });

  it('is warned of: what is not hidden can be read', () => {
    const { log } = running.gateway;
    expect(log.map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('cannot tell which program Codex is'),
    );
    expect(log.find(isReady)).toMatchObject({
      codex_tools: 'read-only',
      codex_open: expect.arrayContaining([expect.stringContaining('environment of an app-server')]),
    });
  });
});
