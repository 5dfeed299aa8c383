import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { poll } from './poll.ts';

/** A program of others as a process of ours. */
export type Service = {
  pid: number | undefined;
  log(): string;
  /** SIGTERM, and the end: it has written what it wants to keep. */
  stop(): Promise<void>;
  /** SIGKILL, and the end: it has written nothing more. */
  kill(): Promise<void>;
};

export type ServiceOptions = {
  file: string;
  args: readonly string[];
  env?: Record<string, string>;
  /** Answers 2xx once it is ready. */
  readyUrl: string;
};

const MAX_LOG = 200_000;

const followLog = (child: ChildProcess): (() => string) => {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      log = (log + chunk).slice(-MAX_LOG);
    });
  }
  return () => log;
};

export const startService = async ({ file, args, env, readyUrl }: ServiceOptions): Promise<Service> => {
  const child = spawn(file, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = followLog(child);
  let ended: string | undefined;
  const exited = once(child, 'close').then(
    ([code, signal]) => {
      ended = `ended (${code ?? signal})`;
    },
    (error: unknown) => {
      ended = String(error);
    },
  );
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    if (ended === undefined) child.kill(signal);
    await exited;
  };
  const service = { pid: child.pid, log, stop: end('SIGTERM'), kill: end('SIGKILL') };

  const isReady = async (): Promise<'ready' | 'ended' | false> => {
    if (ended !== undefined) return 'ended';
    return (await fetch(readyUrl)).ok && 'ready';
  };
  try {
    const answer = await poll(readyUrl, isReady);
    if (answer === 'ended') throw new Error(`${file} ${ended}`);
  } catch (error) {
    await service.kill();
    throw new Error(`${String(error)}\n${log().slice(-4000)}`);
  }
  return service;
};
