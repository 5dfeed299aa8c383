import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadQuestion, LoadResult, Target } from '../load/messages.ts';

const MAIN = fileURLToPath(new URL('../load/main.ts', import.meta.url));

/** The load generator as a process. One question at a time. */
export interface Loader {
  run(target: Target, ms: number): Promise<LoadResult>;
  open(target: Target, count: number): Promise<void>;
  /** Lets the model end the streams that are open. */
  release(model: string): Promise<LoadResult>;
  stop(): void;
}

const ask = async (process: ChildProcess, question: LoadQuestion): Promise<LoadAnswer> => {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(process, 'exit', { signal }).then(() => {
    throw new Error('the load generator ended');
  });
  ended.catch(() => undefined);
  const answered = once(process, 'message', { signal }).then(([answer]) => answer as LoadAnswer);
  answered.catch(() => undefined);
  process.send(question);
  try {
    const answer = await Promise.race([answered, ended]);
    if (answer.type === 'failed') throw new Error(`the load generator failed: ${answer.why}`);
    return answer;
  } finally {
    over.abort();
  }
};

const resultOf = (answer: LoadAnswer): LoadResult => {
  if (answer.type !== 'result') throw new Error(`the load generator said ${answer.type}`);
  return answer.result;
};

export const startLoader = (): Loader => {
  const process = fork(MAIN, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    run: async (target, ms) => resultOf(await ask(process, { type: 'run', ms, ...target })),
    open: async (target, count) => void (await ask(process, { type: 'open', count, ...target })),
    release: async (model) => resultOf(await ask(process, { type: 'release', model })),
    stop: () => void process.kill('SIGTERM'),
  };
};
