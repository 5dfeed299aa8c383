import { readdirSync, readFileSync } from 'node:fs';

/** The children of a process that are shells: the watchers of its workers. None where there is no /proc. */
export const watchersOf = (parent: number): number[] =>
  (process.platform === 'linux' ? readdirSync('/proc') : [])
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, own] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(own) === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('/bin/sh');
      } catch {
        return false;
      }
    });
