import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendPid } from '../support/backend-pid.ts';
import {
  attack,
  callIn,
  exec,
  PLANTED,
  PLANTED_ENV,
  PLANTED_HOME,
  patchOf,
  plant,
} from '../support/codex-attack.ts';
import { startCodexGateway } from '../support/codex-gateway.ts';
import { isReady } from '../support/gateway.ts';
import { untilRemoved } from '../support/until-removed.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

const CATALOGUE_MODEL = 'gpt-6.1-sol';

describe('the shell of the real Codex, which a client steers', () => {
  const running = useCodexGateway({
    env: { ...PLANTED_ENV, PROXY_CODEX_WORKDIR: '' },
    home: { files: PLANTED_HOME },
  });
  beforeAll(() => plant(running));

  const shell = async (command: string): Promise<string> => {
    const [output = ''] = await attack(running, [{ do: 'shell', command }]);
    return output;
  };

  it('runs in a fresh, empty folder of its own, which is gone afterwards', async () => {
    const seen = await shell('echo "<$(pwd)> <$(ls -A)> <$(stat -c %a .)>"');
    const [, folder = ''] = /<([^>]+)> <> <700>/.exec(seen) ?? [];
    expect(folder).toMatch(/\/throughline-turn-\d+-\w+$/);
    expect(await shell('pwd')).not.toContain(folder);
    await untilRemoved(folder);
  });

  it('has nothing of the environment of the gateway, nor have the processes that it sees', async () => {
    const seen = await shell(`env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'; echo the end`);
    expect(seen).toContain('the end');
    expect(seen).toContain('PATH=');
    expect(seen).not.toContain(PLANTED);
    expect(seen).not.toMatch(/OTEL_|PROXY_|CODEX_HOME=/);
  });

  it('reads neither logs nor the login of Codex nor what lies beside the gateway', async () => {
    const { gateway, home } = running;
    const data = join(gateway.cwd, '.throughline');
    const paths = [
      join(data, 'proto.ndjson'),
      join(data, 'usage.ndjson'),
      join(home.path, 'auth.json'),
      join(home.path, 'config.toml'),
      join(gateway.cwd, '.env'),
    ];
    const seen = await shell(`cat ${paths.join(' ')}; grep -rs ${PLANTED} ${tmpdir()} /root /home; ls /usr`);
    expect(seen.match(/No such file or directory/g)?.length).toBeGreaterThanOrEqual(paths.length);
    expect(seen).toContain('share');
    expect(seen.replaceAll(`grep -rs ${PLANTED}`, '')).not.toContain(PLANTED);
  });

  it('reaches no network, and not the gateway itself', async () => {
    const { port } = new URL(running.gateway.url);
    const seen = await shell(`(exec 3<>/dev/tcp/127.0.0.1/${port}) && echo connected; echo the end`);
    expect(seen).toContain('the end');
    expect(seen).not.toContain('connected');
  });

  it('is joined by no tool that reads more: no picture, no patch that tells what stands in a file', async () => {
    const picture = join(running.gateway.cwd, 'picture.png');
    const [image = ''] = await attack(running, [
      { do: 'call', name: 'view_image', arguments: { path: picture } },
    ]);
    expect(image).toContain('unable to locate image');

    const secrets = join(running.gateway.cwd, '.env');
    const ask = async (line: string): Promise<string> => {
      const code = `text(await tools.apply_patch(${JSON.stringify(patchOf(secrets, line))}).catch(String))`;
      const [told = ''] = await attack(running, [exec(code)], { modelName: CATALOGUE_MODEL });
      return told;
    };
    expect(await ask(`KEY=${PLANTED}-dotenv`)).toContain('No such file or directory');
    expect(await ask('another line')).toContain('No such file or directory');
  });

  it('makes no agents that would work on after the request, unseen and uncounted', async () => {
    const spawn = callIn('collaboration', 'spawn_agent', {
      message: 'x',
      task_name: 'x',
      fork_turns: 'none',
    });
    const [told] = await attack(running, [spawn], { modelName: CATALOGUE_MODEL });
    expect(told).toContain('agent thread limit reached');
    expect(running.model.calls).toHaveLength(2);
  });

  it('is told of in the start line, with what cannot be closed', () => {
    expect(running.gateway.log.find(isReady)).toMatchObject({
      codex_tools: 'read-only',
      codex_workdir: 'a fresh one for each turn',
      codex_open: [expect.stringContaining('run commands'), expect.any(String), expect.any(String)],
    });
  });
});

test('what Codex itself gets of the environment is a list, with what its configuration names', async () => {
  const running = await startCodexGateway({
    env: { ...PLANTED_ENV, MY_PROVIDERS_KEY: 'mine', PROXY_API_KEYS: `alice:${PLANTED}-key` },
    home: { providerConfig: 'env_key = "MY_PROVIDERS_KEY"' },
  });
  try {
    const pid = await backendPid(running.gateway);
    const names = (await readFile(`/proc/${pid}/environ`, 'utf8'))
      .split('\0')
      .map((pair) => pair.split('=')[0]);
    expect(names).toEqual(
      expect.arrayContaining(['PATH', 'CODEX_HOME', 'OPENAI_API_KEY', 'MY_PROVIDERS_KEY']),
    );
    expect(names.filter((name) => /DATABASE|AWS|GITHUB|^PROXY_/.test(String(name)))).toEqual([]);
  } finally {
    await running.remove();
  }
});

describe('a working directory of the operator’s that has the logs in it', () => {
  const running = useCodexGateway({
    env: {
      PROTO_LOG_PATH: 'work/logs/proto.ndjson',
      TOKEN_LOG_PATH: 'work/usage.ndjson',
      PROXY_CODEX_WORKDIR: 'work',
    },
  });

  it('is used as it is given, and the start line warns', () => {
    const { gateway } = running;
    expect(gateway.log.find(isReady)).toMatchObject({
      codex_workdir: join(gateway.cwd, 'work'),
      codex_warning: expect.stringContaining(join(gateway.cwd, 'work/logs')),
    });
  });

  it('has the logs hidden all the same', async () => {
    const work = join(running.gateway.cwd, 'work');
    await writeFile(join(work, 'readme'), 'for everybody\n');
    const [first = ''] = await attack(running, [{ do: 'shell', command: 'ls' }], {
      text: `${PLANTED}-prompt`,
    });
    expect(first).toContain('readme');
    const command = 'cat readme logs/* usage.ndjson*';
    const [seen = ''] = await attack(running, [{ do: 'shell', command }]);
    expect(seen).toContain('for everybody');
    expect(seen).toContain('Permission denied');
    expect(seen).not.toContain('req_');
    expect(seen).not.toContain(PLANTED);
  });
});
