import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { GIVE_UP_MS } from './give-up.ts';

/** An app-server that listens on a loopback websocket, as a process of ours. */
export type ListeningServer = {
  url: string;
  pid: number | undefined;
  /** Lets it end by itself, so that it can flush its spans. */
  stop(): Promise<void>;
  kill(): Promise<void>;
};

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  const until = performance.now() + GIVE_UP_MS;
  while (performance.now() < until) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const ready = await fetch(url).catch(() => null);
    if (ready?.ok) return;
    await pause(50);
  }
  throw new Error(`${url} never said that it is ready`);
};

export const startListening = async (
  argv: readonly [string, ...string[]],
  env: Record<string, string>,
  port?: number,
): Promise<ListeningServer> => {
  const address = `127.0.0.1:${port ?? (await freePort())}`;
  const [file, ...args] = argv;
  const child = spawn(file, [...args, '--listen', `ws://${address}`], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const closed = once(child, 'close');
  await untilReady(child, `http://${address}/readyz`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await closed;
  };
  return { url: `ws://${address}`, pid: child.pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
};
