import { readdir, readFile } from 'node:fs/promises';
import { createOtlpReceiver, type OtlpReceiver } from '../../support/otlp-receiver.ts';
import type { Disk } from './disk.ts';
import type { Fault, Moment } from './schedule.ts';

/** The processes that this one has started and that are still there. */
export const childrenOf = async (pid: number): Promise<number[]> => {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')),
  );
  return lists.join(' ').split(' ').filter(Boolean).map(Number);
};

const commandOf = (pid: number): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');

/** The workers among the children; the others watch over them. */
export const workersOf = async (pid: number): Promise<number[]> => {
  const children = await childrenOf(pid);
  const commands = await Promise.all(children.map(commandOf));
  return children.filter((_, index) => commands[index]?.includes('--word-delay-ms'));
};

/** Does what the schedule says, one thing after the other. */
export type Faults = {
  /** The moments up to this many requests have come. */
  progress(begun: number): void;
  /** Whatever still lies ahead is left out, and what is away comes back. */
  end(): Promise<void>;
  close(): Promise<void>;
  readonly done: readonly Fault[];
};

type Place = {
  readonly pid: () => number;
  readonly disk: Disk;
  readonly collector: OtlpReceiver;
};

export const createFaults = (schedule: readonly Moment[], { pid, disk, collector }: Place): Faults => {
  const port = Number(new URL(collector.url).port);
  const ahead = [...schedule];
  const done: Fault[] = [];
  let receiver: OtlpReceiver | null = collector;
  let isFull = false;
  let working: Promise<unknown> = Promise.resolve();

  const acts: Record<Fault, (choice: number) => Promise<unknown>> = {
    async 'kill a worker'(choice) {
      const workers = await workersOf(pid());
      const victim = workers[choice % workers.length];
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
    },
    async 'collector away'() {
      await receiver?.close();
      receiver = null;
    },
    async 'collector back'() {
      receiver ??= await createOtlpReceiver({ port });
    },
    async 'disk full'() {
      await disk.fill();
      isFull = true;
    },
    async 'disk free'() {
      if (isFull) await disk.free();
      isFull = false;
    },
  };

  const act = ({ fault, choice }: Moment): void => {
    working = working.then(async () => {
      await acts[fault](choice);
      done.push(fault);
    });
  };

  return {
    progress(begun) {
      while (ahead[0] && ahead[0].at <= begun) act(ahead.shift() as Moment);
    },
    async end() {
      ahead.length = 0;
      await working;
      await acts['disk free'](0);
      await acts['collector back'](0);
    },
    close: async () => receiver?.close(),
    done,
  };
};
