import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Child, Children } from '../children.ts';
import type { Surroundings } from '../rows.ts';
import { send, startOf, untilWritten } from './measure.ts';
import type { GuardScene } from './scenes.ts';
import { works } from './tools.ts';

/** What is counted: calls that move bytes. How often the gateway waits (epoll, futex) depends on time. */
const CALLS = [
  'reads from the client',
  'writes to the client',
  'reads from the server',
  'writes to the server',
  'writes to the mirror',
] as const;
type Counts = Record<(typeof CALLS)[number], number>;

/** The figures of a scene. How many chunks come in one read depends on time, so the writes of an answer are those beyond its reads. */
export const SYSCALLS = [
  'reads from the client',
  'writes to the server',
  'writes to the client beyond reads from the server',
  'writes to the mirror',
] as const;

const READS = ['read', 'readv', 'recvfrom', 'recvmsg'];
const WRITES = ['write', 'writev', 'sendto', 'sendmsg', 'pwrite64', 'pwritev'];
const LOG = 'syscalls';
const WARM_UP = 50;
const REQUESTS = 100;

/** A line of strace: the thread, the call, and the file or the socket of its descriptor. */
const CALL = /^\d+ +(\w+)\(\d+<(.*?)>,/;

/** Counts calls in what `strace -f -yy` wrote, by the ports of the gateway and of the model server, and the name of the mirror's file. */
export const countSyscalls = (
  log: string,
  { gateway, model, mirror }: { gateway: string; model: string; mirror: string },
): Counts => {
  const counts = Object.fromEntries(CALLS.map((name) => [name, 0])) as Counts;
  for (const line of log.split('\n')) {
    const [, call = '', of = ''] = CALL.exec(line) ?? [];
    const isWrite = WRITES.includes(call);
    if (!isWrite && !READS.includes(call)) continue;
    if (of.includes(`:${gateway}->`)) counts[isWrite ? 'writes to the client' : 'reads from the client']++;
    else if (of.startsWith('TCP') && of.endsWith(`:${model}]`))
      counts[isWrite ? 'writes to the server' : 'reads from the server']++;
    else if (isWrite && of.endsWith(`/${mirror}`)) counts['writes to the mirror']++;
  }
  return counts;
};

const strace = (log: string): string[] => [
  'strace',
  // The gateway stays the child of who starts it, so that signals reach it.
  '-D',
  '-f',
  '-yy',
  '--seccomp-bpf',
  ...['-s', '0'],
  ...['-e', `trace=${[...READS, ...WRITES].join(',')}`],
  ...['-o', log],
];

/** Whether system calls can be counted here: strace is installed, and may trace. */
export const canTrace = (): boolean => {
  const [program = '', ...args] = strace('/dev/null');
  return works(program, ...args, 'true');
};

const portOf = (url: string): string => new URL(url).port;

/** Starts a gateway under strace, and counts the system calls of a request. */
export const measureSyscalls = async (
  children: Children,
  surroundings: Surroundings,
  scene: GuardScene,
): Promise<Record<string, number>> => {
  const start = startOf(scene, surroundings);
  const gateway = await children.start({ ...start, command: [...strace(LOG), ...start.command] });
  const mirror = scene.row.mirror ?? '';
  const names = { gateway: portOf(gateway.url), model: portOf(surroundings.model), mirror };
  const look = async ({ folder }: Child, requests: number): Promise<Counts> => {
    await untilWritten(folder, mirror, requests);
    return countSyscalls(await readFile(join(folder, LOG), 'utf8'), names);
  };
  await send(gateway.url, scene, WARM_UP);
  const before = await look(gateway, WARM_UP);
  await send(gateway.url, scene, REQUESTS);
  const after = await look(gateway, WARM_UP + REQUESTS);
  await gateway.stop();
  const each = (name: keyof Counts): number => (after[name] - before[name]) / REQUESTS;
  const figures: Record<(typeof SYSCALLS)[number], number> = {
    'reads from the client': each('reads from the client'),
    'writes to the server': each('writes to the server'),
    'writes to the client beyond reads from the server':
      each('writes to the client') - each('reads from the server'),
    'writes to the mirror': each('writes to the mirror'),
  };
  return Object.fromEntries(SYSCALLS.map((name) => [name, Math.round(figures[name] * 10) / 10]));
};
