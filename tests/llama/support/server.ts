import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pythonOf } from '../../support/python-venv.ts';
import { createWaiters } from '../../support/wait-until.ts';
import { PROGRAM, VENV } from './place.ts';

export const MODEL = 'smollm2';

export type LlamaServer = {
  /** Without a path. */
  url: string;
  stop(): Promise<void>;
};

/** llama.cpp's server as a process of its own. It ends with its stdin, so it does not outlive a test that is killed. */
export const startLlama = async (): Promise<LlamaServer> => {
  const child = spawn(pythonOf(VENV), [PROGRAM], {
    env: { PATH: process.env['PATH'] ?? '', PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const waiters = createWaiters();
  let [said, log, ended] = ['', '', false];
  child.stdout.on('data', (text) => {
    said += text;
    waiters.notify();
  });
  child.stderr.on('data', (text) => {
    log = (log + text).slice(-4000);
  });
  const exited = once(child, 'close').finally(() => {
    ended = true;
    waiters.notify();
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    if (!ended) child.kill('SIGTERM');
    await exited;
  };
  const find = () => {
    if (ended) throw new Error(`llama.cpp's server ended: ${log}`);
    return said.match(/^listening on (http:\S+)$/m)?.[1];
  };
  const url = await waiters
    .until(find, () => log)
    .catch(async (thrown: unknown) => {
      await stop();
      throw thrown;
    });
  return { url, stop };
};
