import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What figures depend on, and nothing that says whose machine it is. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() || 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release().replace(/-.*/, '')}`,
  node: process.versions.node,
});
