import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { environment, logPaths } from '../config.ts';
import { createServeCommand } from './serve.ts';
import { createTraceCommand } from './trace.ts';

const WRONG_CALL = 2;

const traceCommand = (): Command => {
  const { mirrorPath, usagePath } = logPaths(environment());
  const { stdout, stderr } = process;
  return createTraceCommand({
    defaults: { protoLog: mirrorPath, usageLog: usagePath },
    stdout,
    stderr,
    columns: stdout.columns,
    isTTY: stdout.isTTY,
  });
};

/** The `throughline` command and its subcommands. */
const createCli = (): Command =>
  new Command('throughline')
    .description('An OpenTelemetry-native LLM gateway: see, trust and replay what happened to a request.')
    .version(manifest.version)
    .exitOverride()
    .addCommand(createServeCommand(manifest.version))
    .addCommand(traceCommand());

/** Runs a command line and resolves with its exit code: 0 done or found, 1 not found or failed, 2 wrong call. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  try {
    await createCli().parseAsync([...argv]);
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    const shown = thrown.code === 'commander.helpDisplayed' || thrown.code === 'commander.version';
    if (shown) return 0;
    return thrown.code.startsWith('commander.') ? WRONG_CALL : thrown.exitCode;
  }
};
