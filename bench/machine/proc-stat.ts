import { readFile } from 'node:fs/promises';

/** Linux counts processor time for programs in hundredths of a second, on all machines that Node runs on. */
const MS_PER_TICK = 10;
const KIB = 1024;

/** User and system time of all threads, in milliseconds, from the text of `/proc/<pid>/stat`. */
export const parseCpuMs = (stat: string): number => {
  // The name of the program may hold blanks and brackets; fields are counted behind it. The first is the state, field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [fields[11], fields[12]];
  const ticks = Number(user) + Number(system);
  if (!Number.isFinite(ticks)) throw new Error('this is no /proc/<pid>/stat');
  return ticks * MS_PER_TICK;
};

/** Resident memory in bytes, from the text of `/proc/<pid>/status`. */
export const parseRss = (status: string): number => {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new Error('this is no /proc/<pid>/status');
  return Number(kib) * KIB;
};

export const parseChildren = (text: string): number[] => text.trim().split(' ').filter(Boolean).map(Number);

const descendantsOf = async (pid: number): Promise<number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = parseChildren(text);
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()];
};

const cpuOf = async (path: string): Promise<number> =>
  parseCpuMs(await readFile(`/proc/${path}/stat`, 'utf8'));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Milliseconds of processor time since a process began. */
export interface Cpu {
  /** Of its main thread, which serves the requests. */
  readonly thread: number;
  /** Of all its threads. */
  readonly own: number;
  /** Of all its threads, and of the processes that it started and that still run. */
  readonly all: number;
}

export const readCpu = async (pid: number): Promise<Cpu> => {
  const [thread, own, children] = await Promise.all([
    cpuOf(`${pid}/task/${pid}`),
    cpuOf(`${pid}`),
    descendantsOf(pid).then((pids) => Promise.all(pids.map((child) => cpuOf(`${child}`)))),
  ]);
  return { thread, own, all: own + sum(children) };
};

export const cpuBetween = (before: Cpu, after: Cpu): Cpu => ({
  thread: after.thread - before.thread,
  own: after.own - before.own,
  all: after.all - before.all,
});

/** Resident memory of the process and of those that it started, in bytes. */
export const readRss = async (pid: number): Promise<number> => {
  const pids = [pid, ...(await descendantsOf(pid))];
  return sum(
    await Promise.all(pids.map(async (each) => parseRss(await readFile(`/proc/${each}/status`, 'utf8')))),
  );
};
