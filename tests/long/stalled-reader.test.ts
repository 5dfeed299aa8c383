import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { post, user } from '../support/chat.ts';
import { freePort } from '../support/listening.ts';

const BIN = fileURLToPath(new URL('../../bin/throughline.mjs', import.meta.url));
const FAULTS = fileURLToPath(new URL('../fixtures/faults.mjs', import.meta.url));

/** A pipe that is full, and that nobody reads. */
const openFullPipe = (path: string): number => {
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(pipe, Buffer.alloc(4096));
  } catch {
    return pipe;
  }
};

let folder: string;
let pipe: number;
let child: ChildProcess;
let url: string;

const untilStatus = async (status: number): Promise<void> => {
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.status !== status) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await pause(20);
  }
};

/** A gateway with this pipe as its log or as its mirror. */
const start = async (what: 'log' | 'mirror'): Promise<void> => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  child = spawn(process.execPath, [BIN, 'serve'], {
    cwd: folder,
    stdio: ['ignore', what === 'log' ? pipe : 'ignore', 'ignore'],
    env: {
      ...process.env,
      PORT: String(port),
      PROXY_ECHO_FAULTS: 'true',
      NODE_OPTIONS: `--import=${FAULTS}`,
      ...(what === 'mirror' && { PROTO_LOG_PATH: join(folder, 'pipe') }),
    },
  });
  await untilStatus(200);
  // Its line in the log waits behind the first one.
  await (await ask('/say one', false)).text();
};

const ask = (content: string, stream: boolean) =>
  post(`${url}/v1/chat/completions`, { model: 'throughline-echo', stream, messages: user(content) });

const exitAfter = async (signal: NodeJS.Signals): Promise<unknown[]> => {
  const exited = once(child, 'exit');
  child.kill(signal);
  return exited;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'throughline-test-'));
  pipe = openFullPipe(join(folder, 'pipe'));
});
afterEach(() => {
  child.kill('SIGKILL');
  closeSync(pipe);
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['log', 'mirror'] as const)('while nobody reads the %s, which is a full pipe', (what) => {
  test('a gateway that is told to stop ends with 0', async () => {
    await start(what);
    expect(await exitAfter('SIGTERM')).toEqual([0, null]);
  });

  test('a second signal ends it with 1', async () => {
    await start(what);
    const response = await ask('/say one\n/stall', true);
    child.kill('SIGTERM');
    await untilStatus(503);
    expect(await exitAfter('SIGTERM')).toEqual([1, null]);
    await response.text().catch(() => '');
  });

  test('an error that nobody caught ends it with 1', async () => {
    await start(what);
    expect(await exitAfter('SIGUSR2')).toEqual([1, null]);
  });
});
