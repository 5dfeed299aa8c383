import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProbeAnswer, ProbeQuestion } from './probe-messages.ts';
import type { Start } from './rows.ts';

const PROBE = fileURLToPath(new URL('probe.ts', import.meta.url));
const LOOK_MS = 5;
const READY_MS = 60_000;
const END_MS = 5_000;
const READY = /ready on (http:\/\/[\d.]+:\d+)/;

/** A process that was started here, with a folder of its own. */
export interface Child {
  readonly pid: number;
  /** Without a path. */
  readonly url: string;
  readonly folder: string;
  /** From its start until it said that it is ready, or took a connection. */
  readonly readyMs: number;
  /** Null where the probe cannot be loaded into it. */
  readonly ask: ((question: ProbeQuestion) => Promise<ProbeAnswer>) | null;
  /** Sends a message to a Node program, and resolves to its next one. */
  exchange(message: string): Promise<unknown>;
  /** SIGTERM, and SIGKILL to what is still there after a while. */
  stop(): Promise<void>;
}

/** The environment without what would change a measured process by accident. */
const cleanEnv = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(OTEL_|PROXY_|CODEX_|PORT$|HOST$|LOG_|TRACE|npm_|NODE_OPTIONS$|PROTO_|TOKEN_)/.test(name),
    ),
  );

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** The URL once the process is ready, else null. */
const lookFor = async (port: number | null, output: string): Promise<string | null> => {
  if (port !== null) return (await takesConnections(port)) ? `http://127.0.0.1:${port}` : null;
  return READY.exec(await readFile(output, 'utf8'))?.[1] ?? null;
};

const untilReady = async (process: ChildProcess, port: number | null, output: string): Promise<string> => {
  for (const begun = performance.now(); performance.now() - begun < READY_MS; await pause(LOOK_MS)) {
    const url = await lookFor(port, output);
    if (url !== null) return url;
    if (process.pid === undefined || process.exitCode !== null || process.signalCode !== null) break;
  }
  const said = await readFile(output, 'utf8');
  throw new Error(`${process.spawnargs.join(' ')} did not become ready:\n${said.slice(-2_000)}`);
};

const exchanger =
  (process: ChildProcess) =>
  async (message: string): Promise<unknown> => {
    const answer = once(process, 'message');
    process.send(message);
    return (await answer)[0];
  };

const stopper = (process: ChildProcess, folder: string) => {
  const closed = once(process, 'exit').catch(() => undefined);
  return async (): Promise<void> => {
    if (process.exitCode === null && process.signalCode === null) {
      process.kill('SIGTERM');
      await Promise.race([closed, pause(END_MS, undefined, { ref: false })]);
      process.kill('SIGKILL');
    }
    await rm(folder, { recursive: true, force: true });
  };
};

/** Starts processes, and ends all that it started. */
export const createChildren = () => {
  const stops = new Set<() => Promise<void>>();
  let isOver = false;

  const start = async (
    { command, env, port, files = {}, preload = { module: PROBE, flags: [] } }: Start,
    inFolder?: string,
  ): Promise<Child> => {
    if (isOver) throw new Error('the benchmark ends');
    const folder = inFolder ?? (await mkdtemp(join(tmpdir(), 'throughline-bench-')));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const [program = '', ...args] = command;
    const isNode = program === process.execPath;
    const output = join(folder, 'output');
    const file = openSync(output, 'a');
    const begun = performance.now();
    const child = spawn(program, isNode ? [...preload.flags, '--import', preload.module, ...args] : args, {
      cwd: folder,
      env: { ...cleanEnv(), ...env },
      stdio: isNode ? ['ignore', file, file, 'ipc'] : ['ignore', file, file],
    });
    closeSync(file);
    // That there is no such program is told by its missing id.
    child.on('error', () => undefined);
    const stop = stopper(child, folder);
    stops.add(stop);
    const url = await untilReady(child, port, output);
    const readyMs = performance.now() - begun;
    const exchange = exchanger(child);
    return {
      pid: child.pid ?? Number.NaN,
      url,
      folder,
      readyMs,
      ask: isNode ? (question) => exchange(question) as Promise<ProbeAnswer> : null,
      exchange,
      stop: () => stop().finally(() => stops.delete(stop)),
    };
  };

  return {
    start,
    async stopAll(): Promise<void> {
      isOver = true;
      await Promise.allSettled([...stops].map((stop) => stop()));
    },
  };
};

export type Children = ReturnType<typeof createChildren>;
