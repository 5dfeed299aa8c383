import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Config } from '../config/index.ts';

/** The gateways that write a file, each of which has left a mark beside it. */
export interface Writers {
  /** The process ids of those that were there already, on this machine. */
  readonly others: readonly number[];
  /** Takes our own mark away. */
  leave(): Promise<void>;
}

const NOBODY: Writers = { others: [], leave: () => Promise.resolve() };

const START_TIME_FIELD = 19;

/** When a process was started, where the system says so: a process id alone may have been given to another since. */
const startOf = async (pid: number): Promise<string> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold anything; the fields behind it are counted from there.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD] ?? '';
};

const markOf = async (pid: number): Promise<string> => JSON.stringify([hostname(), await startOf(pid)]);

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const isPlainFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => true,
  );

/** The process of a mark that still runs; what a process that was killed has left is taken away. */
const runningWriter = async (path: string, pid: number): Promise<number[]> => {
  const mark = await readFile(path, 'utf8').catch(() => '');
  // Of another machine's processes nothing can be said here, nor in another container's.
  if (!mark.startsWith(`[${JSON.stringify(hostname())},`)) return [];
  if (isAlive(pid) && mark === (await markOf(pid))) return [pid];
  await rm(path, { force: true });
  return [];
};

/** Marks a file as written by this process, and finds out who else writes it. Never rejects: it is for a warning alone. */
export const joinWriters = async (file: string, pid = process.pid): Promise<Writers> => {
  const folder = dirname(file);
  const prefix = `${basename(file)}.writer-`;
  const own = join(folder, `${prefix}${pid}`);
  try {
    if (!(await isPlainFile(file))) return NOBODY;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(own, await markOf(pid), { mode: 0o600 });
    const marks = (await readdir(folder)).filter((name) => name.startsWith(prefix));
    const pids = marks.map((name) => Number(name.slice(prefix.length)));
    const others = pids.filter((other) => Number.isSafeInteger(other) && other > 0 && other !== pid);
    const running = await Promise.all(
      others.map((other) => runningWriter(join(folder, `${prefix}${other}`), other)),
    );
    return { others: running.flat(), leave: () => rm(own, { force: true }).catch(() => undefined) };
  } catch {
    return NOBODY;
  }
};

/** The files that a gateway writes. */
export const writtenFiles = ({
  mirror,
  mirrorPath,
  usagePath,
}: Pick<Config, 'mirror' | 'mirrorPath' | 'usagePath'>): string[] => [
  ...(mirror ? [mirrorPath] : []),
  usagePath,
];

/** A file that other gateways write as well. */
export interface SharedFile {
  readonly path: string;
  readonly pids: readonly number[];
}

/** Marks several files. */
export const joinFiles = async (
  paths: readonly string[],
): Promise<{ readonly shared: readonly SharedFile[]; leave(): Promise<unknown> }> => {
  const joined = await Promise.all(paths.map(async (path) => ({ path, ...(await joinWriters(path)) })));
  return {
    shared: joined
      .filter(({ others }) => others.length > 0)
      .map(({ path, others }) => ({ path, pids: others })),
    leave: () => Promise.all(joined.map(({ leave }) => leave())),
  };
};
