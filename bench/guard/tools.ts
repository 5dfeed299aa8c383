import { spawnSync } from 'node:child_process';

/** Whether a program is installed, and is allowed to do here what it is for: the call ends without an error. */
export const works = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;
