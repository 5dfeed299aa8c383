import { availableParallelism } from 'node:os';
import { ConfigError, type Env, type Reader } from './reader.ts';

/** How many processes share the port, and whether this is one of them. */
export interface ProcessSettings {
  readonly processes: number;
  /** This process was started by the one that has the port. */
  readonly isMember: boolean;
}

const MAX_PROCESSES = 64;

/** Set for the processes that the gateway itself starts. */
const MEMBER = 'THROUGHLINE_PROCESS';

const readCount = ({ given }: Reader): number => {
  const value = given('PROXY_PROCESSES');
  if (value === undefined) return 1;
  if (value === 'auto') return Math.min(availableParallelism(), MAX_PROCESSES);
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > MAX_PROCESSES)
    throw new ConfigError('PROXY_PROCESSES', value, `auto, or a whole number from 1 to ${MAX_PROCESSES}`);
  return number;
};

/** Reads `PROXY_PROCESSES`. */
export const readProcesses = (env: Env, read: Reader): ProcessSettings => ({
  processes: readCount(read),
  isMember: env[MEMBER] !== undefined,
});

/** The environment of a process that the gateway starts. */
export const memberEnvironment = (env: Env): Env => ({ ...env, [MEMBER]: '1' });
