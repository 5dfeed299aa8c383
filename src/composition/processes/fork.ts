import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { environment } from '../../config/index.ts';
import { memberEnvironment } from '../../config/processes.ts';
import { systemLater } from '../../later.ts';
import type { ToPrimary, ToProcess } from './messages.ts';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One process of ours, with the channel to it. */
export interface ForkedProcess {
  readonly pid: number | undefined;
  /** False when it cannot be told any more. A socket stays open here as well. */
  send(message: ToProcess, socket?: Socket): boolean;
  kill(): void;
}

export interface ForkListeners {
  onMessage(message: ToPrimary): void;
  /** Called once, after the last message. */
  onExit(exit: ProcessExit): void;
}

/** How long what an ended process has said may take to be read. */
const LAST_MESSAGES_MS = 100;

/** Starts another process with the command line of this one. Its inspector, if there is one, takes any free port. */
export const forkProcess = ({ onMessage, onExit }: ForkListeners): ForkedProcess => {
  const [, program = '', ...args] = process.argv;
  const child = fork(program, args, {
    env: memberEnvironment(environment()),
    execArgv: [...process.execArgv, '--inspect-port=0'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { promise: exited, resolve: exit } = Promise.withResolvers<ProcessExit>();
  const { promise: disconnected, resolve: disconnect } = Promise.withResolvers<void>();
  child.on('message', (message) => onMessage(message as ToPrimary));
  child.once('exit', (code, signal) => {
    exit({ code, signal });
    // The channel may never end: not where the process was killed in the middle of a message.
    systemLater(LAST_MESSAGES_MS, disconnect);
  });
  child.once('disconnect', disconnect);
  child.once('error', (error) => {
    // It could not be started: there is no `exit`.
    if (child.pid !== undefined) return;
    process.stderr.write(`throughline: cannot start a process: ${error.message}\n`);
    exit({ code: 1, signal: null });
    disconnect();
  });
  void Promise.all([exited, disconnected]).then(([how]) => onExit(how));
  return {
    pid: child.pid,
    send(message, socket) {
      if (!child.connected) return false;
      // A process that ends in this moment says so by its exit.
      child.send(message, socket, { keepOpen: true }, () => undefined);
      return true;
    },
    kill: () => void child.kill('SIGKILL'),
  };
};
