import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { refusedPathOf } from '../../src/telemetry/mirror/refused-path.ts';
import type { UsageRecord } from '../../src/usage/usage-record.ts';
import { createWaiters } from './wait-until.ts';

/** A mirror that works has a line by then. */
const SOON_MS = 2_000;

const BIN = fileURLToPath(new URL('../../bin/throughline.mjs', import.meta.url));

export type LogLine = Record<string, unknown> & { msg: string };
export type Exit = { code: number | null; signal: string | null };

/** A gateway as a process of its own, with a working directory of its own. */
export type GatewayProcess = {
  url: string;
  cwd: string;
  pid: number;
  log: LogLine[];
  /** What it has said on stderr so far. */
  stderr(): string;
  /** Resolves with the first log line that fits, one that is there already included. */
  waitForLog(find: (line: LogLine) => boolean): Promise<LogLine>;
  accessLine(reqId: string): Promise<LogLine>;
  /** The mirror's lines, and behind them those of its refused share: once all requests of the usage log are in it, where they come soon. */
  mirror(): Promise<MirrorLine[]>;
  /** Resolves once the mirror's lines make `find` truthy. */
  waitForMirror<T>(find: (lines: MirrorLine[]) => T | undefined | false): Promise<T>;
  usage(): Promise<UsageRecord[]>;
  /** Resolves with the records of this request once there is one. */
  usageOf(reqId: string): Promise<UsageRecord[]>;
  readonly exited: Promise<Exit>;
  /** SIGTERM, then the exit. Everything is flushed by then. */
  stop(): Promise<Exit>;
  kill(signal: NodeJS.Signals): Promise<Exit>;
  /** Stops it if it still runs, and removes its directory. */
  remove(): Promise<void>;
};

export type Ran = { code: number | null; stdout: string; stderr: string };

/** The environment without what would reach the gateway by accident. */
export const cleanEnv = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(OTEL_|PROXY_|CODEX_|PORT$|HOST$|LOG_|TRACE|npm_)/.test(name),
    ),
  );

const OTHER_BACKENDS = ['PROXY_APP_SERVER_CMD', 'PROXY_APP_SERVER_URL', 'CODEX_BIN', 'PROXY_UPSTREAM_URL'];

/** Lets prompts make the echo model crash, hang and worse, where a gateway can be told to: no user's does what tests need. */
const faultsOf = (env: Record<string, string>): Record<string, string> => {
  const isEcho = OTHER_BACKENDS.every((name) => !env[name]);
  return isEcho && (env['PROXY_ENV'] ?? 'dev') === 'dev' ? { PROXY_ECHO_FAULTS: 'true' } : {};
};

const parseLines = <T>(text: string): T[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

const readLines = async <T>(path: string): Promise<T[]> =>
  parseLines<T>(await readFile(path, 'utf8').catch(() => ''));

/** Runs `throughline` with these arguments to its end. */
export const runCli = async (
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<Ran> => {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnv(), ...options.env },
  });
  const ran: Ran = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    ran.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ran.stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { ...ran, code };
};

/** Collects a process's log, and says when it ended too early. */
const followLog = (child: ChildProcess, log: LogLine[], notify: () => void): { stderr: () => string } => {
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(JSON.parse(line) as LogLine);
      notify();
    });
  }
  return { stderr: () => stderr };
};

/** Its backend is ready. */
export const isReady = ({ msg }: LogLine): boolean => msg.startsWith('ready on ');
/** It takes requests, whatever its backend does. */
export const isListening = ({ msg }: LogLine): boolean => msg.startsWith('listening');

/** Resolves once a line of the log says that it is up. */
export const startGateway = async (
  env: Record<string, string> = {},
  isUp: (line: LogLine) => boolean = isReady,
): Promise<GatewayProcess> => {
  const cwd = await mkdtemp(join(tmpdir(), 'throughline-test-'));
  const data = join(cwd, '.throughline');
  await mkdir(data);
  const child = spawn(process.execPath, [BIN, 'serve'], {
    cwd,
    env: { ...cleanEnv(), PORT: '0', ...faultsOf(env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: LogLine[] = [];
  const waiters = createWaiters();
  const { stderr } = followLog(child, log, waiters.notify);
  let exit: Exit | undefined;
  const exited = once(child, 'close').then(([code, signal]) => {
    exit = { code, signal };
    waiters.notify();
    return exit;
  });

  const waitForLog: GatewayProcess['waitForLog'] = (find) =>
    waiters.until(
      () => {
        const line = log.find(find);
        if (!line && exit) throw new Error(`the gateway ended (${JSON.stringify(exit)}): ${stderr()}`);
        return line;
      },
      () => JSON.stringify(log.slice(-5)),
    );

  const mirrorPath = String(env['PROTO_LOG_PATH'] ?? join(data, 'proto.ndjson'));
  const readMirror = async (): Promise<MirrorLine[]> => [
    ...(await readLines<MirrorLine>(mirrorPath)),
    ...(await readLines<MirrorLine>(refusedPathOf(mirrorPath))),
  ];
  const readUsage = () => readLines<UsageRecord>(join(data, 'usage.ndjson'));
  /** Usage records are written by another thread than the mirror, and may be there before. */
  const readWhole = async (): Promise<MirrorLine[]> => {
    const settled = (await readUsage()).map(({ req_id }) => req_id);
    const isWhole = (lines: MirrorLine[]) => {
      const servers = new Set(
        lines.flatMap((line) => (line.type === 'span' && line.span_kind === 'SERVER' ? [line.req_id] : [])),
      );
      return settled.every((reqId) => servers.has(reqId)) && lines;
    };
    const lines = await readMirror();
    if (exit || isWhole(lines)) return lines;
    return Promise.race([
      watchLines(data, readMirror, isWhole).catch(readMirror),
      pause(SOON_MS).then(readMirror),
    ]);
  };
  const signalled = (signal: NodeJS.Signals): Promise<Exit> => {
    if (!exit) child.kill(signal);
    return exited;
  };
  const remove = async (): Promise<void> => {
    await signalled('SIGTERM');
    await rm(cwd, { recursive: true, force: true });
  };
  const up = await waitForLog(isUp).catch(async (thrown: unknown) => {
    await remove();
    throw thrown;
  });

  return {
    url: String(up['url'] ?? up['address']),
    cwd,
    pid: child.pid ?? Number.NaN,
    log,
    stderr,
    waitForLog,
    accessLine: (reqId) => waitForLog((line) => line['kind'] === 'access' && line['req_id'] === reqId),
    mirror: readWhole,
    waitForMirror: (find) => watchLines(data, readMirror, find),
    usage: readUsage,
    usageOf: (reqId) =>
      watchLines(data, readUsage, (records) => {
        const own = records.filter(({ req_id }) => req_id === reqId);
        return own.length > 0 && own;
      }),
    exited,
    stop: () => signalled('SIGTERM'),
    kill: signalled,
    remove,
  };
};

/** Reads again each time that something in the directory changes, until `find` is satisfied. */
const watchLines = async <Line, T>(
  directory: string,
  read: () => Promise<Line[]>,
  find: (lines: Line[]) => T | undefined | false,
): Promise<T> => {
  const waiters = createWaiters();
  let lines: Line[] = [];
  const refresh = async (): Promise<void> => {
    lines = await read();
    waiters.notify();
  };
  const watcher: FSWatcher = watch(directory, () => void refresh());
  try {
    await refresh();
    return await waiters.until(
      () => find(lines),
      () => `${lines.length} lines`,
    );
  } finally {
    watcher.close();
  }
};
