import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { frames, post, user } from '../support/chat.ts';
import { cleanEnv } from '../support/gateway.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const READY = /ready on (http:\/\/127\.0\.0\.1:\d+)/;

/** Resolves with the address once the gateway has printed it. */
const untilReady = async (output: AsyncIterable<Buffer>): Promise<string> => {
  let text = '';
  for await (const chunk of output) {
    text += chunk;
    const url = READY.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error(`the gateway did not start: ${text}`);
};

test.each([
  ['one Ctrl-C', 'SIGINT'],
  ['one SIGTERM to the group', 'SIGTERM'],
] as const)('%s on `npm start`, which npm hands on once more, lets what is open end', async (_, signal) => {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-test-'));
  const usagePath = join(folder, 'usage.ndjson');
  const npm = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...cleanEnv(),
      PORT: '0',
      PROXY_CODEX_WORKDIR: folder,
      PROTO_LOG_PATH: join(folder, 'proto.ndjson'),
      TOKEN_LOG_PATH: usagePath,
    },
  });
  const exited = once(npm, 'exit');
  try {
    const url = await untilReady(npm.stdout.iterator({ destroyOnReturn: false }));
    npm.stdout.resume();
    const response = await post(`${url}/v1/chat/completions`, {
      model: 'throughline-echo',
      stream: true,
      messages: user('/say a few words first\n/wait 1500\n/say and the last ones'),
    });
    process.kill(-(npm.pid ?? Number.NaN), signal);
    expect(frames(await response.text()).at(-1)).toBe('[DONE]');
    await exited;
    expect(JSON.parse(await readFile(usagePath, 'utf8'))).toMatchObject({ outcome: 'completed' });
  } finally {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(-(npm.pid ?? Number.NaN), 'SIGKILL');
    await rm(folder, { recursive: true });
  }
});
