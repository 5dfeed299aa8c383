import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { environment, logPaths, redactPath } from '../config/index.ts';
import { printable } from '../telemetry/printable.ts';
import { createCheckCommand } from './check.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createReplayCommand } from './replay.ts';
import { createServeCommand } from './serve.ts';
import { createTraceCommand } from './trace.ts';

/** The commands that read what the gateway wrote. */
const readingCommands = (): Command[] => {
  const { mirrorPath, usagePath } = logPaths(environment());
  const defaults = { protoLog: mirrorPath, usageLog: usagePath };
  const { stdin, stdout, stderr } = process;
  return [
    createTraceCommand({ defaults, stdout, stderr, columns: stdout.columns, isTTY: stdout.isTTY }),
    createReplayCommand({ defaults, stdout }),
    createCheckCommand({
      redactFile: redactPath(environment()),
      env: environment(),
      stdin,
      stdout,
      stderr,
    }),
  ];
};

/** The `throughline` command and its subcommands. */
const createCli = (): Command => {
  const program = new Command('throughline')
    .description('An OpenTelemetry-native LLM gateway: see, trust and replay what happened to a request.')
    .version(manifest.version)
    .exitOverride(throwExitCode)
    .addCommand(createServeCommand(manifest.version));
  for (const command of readingCommands()) program.addCommand(command);
  return program;
};

/** Commander answers `nothing --help` with the general help, as if there were such a command. */
const refuseUnknownCommand = (program: Command, args: readonly string[]): void => {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const asked = first === 'help' ? second : first;
  const known = program.commands.map((command) => command.name());
  if (asked === undefined || known.includes(asked)) return;
  program.error(printable(`throughline: there is no command '${asked}'; there are ${known.join(', ')}`), {
    exitCode: EXIT_WRONG_CALL,
    code: 'throughline.unknown',
  });
};

/** Runs a command line and resolves with its exit code: 0 done or found, 1 not found or failed, 2 wrong call. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  try {
    const program = createCli();
    refuseUnknownCommand(program, argv.slice(2));
    await program.parseAsync([...argv]);
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode;
  }
};
