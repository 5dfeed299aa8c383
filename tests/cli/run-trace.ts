import { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { createTraceCommand, type TraceDeps } from '../../src/cli/trace.ts';
import type { LogFolder } from '../timeline/log-folder.ts';

export interface TraceRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const collect = () => {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
};

/** Runs `throughline trace` on the files of a folder, in this process. */
export const runTrace = async (
  logs: Pick<LogFolder, 'protoLog' | 'usageLog'>,
  args: readonly string[],
  terminal: Partial<Pick<TraceDeps, 'columns' | 'isTTY' | 'signal'>> = {},
): Promise<TraceRun> => {
  const out = collect();
  const err = collect();
  const command = createTraceCommand({
    defaults: { protoLog: logs.protoLog, usageLog: logs.usageLog },
    stdout: out.stream,
    stderr: err.stream,
    isTTY: false,
    ...terminal,
  });
  const exitCode = await command.parseAsync(args, { from: 'user' }).then(
    () => 0,
    (error: unknown) => {
      if (error instanceof CommanderError) return error.exitCode;
      throw error;
    },
  );
  return { stdout: out.text(), stderr: err.text(), exitCode };
};
