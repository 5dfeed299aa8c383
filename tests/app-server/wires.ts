import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const MAIN = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));

export type Transport = 'stdio' | 'websocket';
export const TRANSPORTS: readonly Transport[] = ['stdio', 'websocket'];

/** Messages to and from a process, however they travel. */
export type Wire = {
  send(message: string): void;
  /** Takes the client's end away, which ends the process on stdio; gives it a SIGTERM otherwise. */
  close(): void;
};

const TEST_ONLY = /^(OTEL_|TRACE(PARENT|STATE)$|THROUGHLINE_|OPENAI_|NODE_|PROXY_)/;

const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !TEST_ONLY.test(name)));

/** Starts the embedded app-server with nothing of the test's own environment that it would read. */
export const spawnMain = (args: readonly string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [MAIN, ...args], {
    env: { ...cleanEnv(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });

export const openPipes = (
  child: ChildProcessWithoutNullStreams,
  onMessage: (message: string) => void,
): Wire => {
  createInterface({ input: child.stdout }).on('line', onMessage);
  child.stdin.on('error', () => undefined);
  return { send: (message) => void child.stdin.write(`${message}\n`), close: () => void child.stdin.end() };
};

/** Connects to the URL that the process tells when it listens; what is sent before waits for that. */
export const openSocket = (
  child: ChildProcessWithoutNullStreams,
  url: Promise<string>,
  onMessage: (message: string) => void,
): Wire => {
  const open = url.then(
    (address) =>
      new Promise<WebSocket>((resolve, reject) => {
        const socket = new WebSocket(address);
        socket.on('message', (data) => onMessage(data.toString()));
        socket.once('open', () => resolve(socket));
        socket.once('error', reject);
      }),
  );
  open.catch(() => undefined);
  return {
    send: (message) => void open.then((socket) => socket.send(message)),
    close: () => void child.kill('SIGTERM'),
  };
};
