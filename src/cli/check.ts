import type { Readable, Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { printable } from '../telemetry/printable.ts';
import { RedactFileError, readRedactFile } from '../telemetry/sanitize/redact-file.ts';
import { createSanitizer } from '../telemetry/sanitize.ts';
import { checkRoutes, isRoutesFile, namesYaml, type RoutesCheck } from './check-routes.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createOutput } from './output.ts';

/** What the command is given by whoever knows the process. */
export interface CheckDeps {
  /** The file that `PROXY_REDACT_FILE` names. */
  readonly redactFile: string | null;
  /** Where a routes file finds its keys. */
  readonly env: RoutesCheck['env'];
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const loadRules = async (file: string | null, command: Command) => {
  if (file === null) return { keys: 0, patterns: 0, rules: undefined };
  try {
    const { sources, rules } = await readRedactFile(file);
    return { keys: sources.keys.length, patterns: sources.patterns.length, rules };
  } catch (error) {
    if (!(error instanceof RedactFileError)) throw error;
    return command.error(printable(`throughline: ${error.message}`), {
      exitCode: EXIT_WRONG_CALL,
      code: 'throughline.check',
    });
  }
};

interface CheckOptions {
  readonly redact?: string;
  readonly routes?: string;
  readonly json?: boolean;
}

/** The path of the routes file to check; null if the argument is a text for the redaction rules. */
const routesPathOf = async (
  text: string | undefined,
  { redact, routes }: CheckOptions,
): Promise<string | null> => {
  if (routes !== undefined) return routes;
  return text !== undefined && redact === undefined && (await isRoutesFile(text)) ? text : null;
};

const runCheck = async (deps: CheckDeps, text: string | undefined, command: Command): Promise<void> => {
  const options = command.opts<CheckOptions>();
  const { redact, json = false } = options;
  const path = await routesPathOf(text, options);
  if (path !== null) return checkRoutes({ ...deps, path, json }, command);
  if (text !== undefined && redact === undefined && namesYaml(text))
    deps.stderr.write(
      `${printable(`throughline: there is no file ${text}: it is taken as a text; --routes names a routes file`)}\n`,
    );
  const file = redact ?? deps.redactFile;
  const { keys, patterns, rules } = await loadRules(file, command);
  deps.stderr.write(
    `throughline: the built-in rules${file === null ? '' : `, and of ${file}: keys ${keys}, patterns ${patterns}`}\n`,
  );
  const given = text ?? (deps.stdin.isTTY ? undefined : await readAll(deps.stdin));
  if (given === undefined) return;
  const clean = createSanitizer(rules).sanitizeJsonText(given);
  await createOutput(deps.stdout).write(clean.endsWith('\n') ? clean : `${clean}\n`);
};

const HELP = `
A text that names a YAML file (.yaml, .yml) which is there, or --routes, is checked as a routes file (docs/routes.md): its backends
and rules are printed, never a key, and what is wrong is told with line and column, with exit code 2.
With --redact the argument is always a text.`;

/** `throughline check`: checks a routes file; or a file of redaction rules, and shows what a text becomes. */
export const createCheckCommand = (deps: CheckDeps): Command =>
  new Command('check')
    .description(
      'check a routes file; or redaction rules, and show what a text (an argument, or stdin) becomes',
    )
    .argument('[text]', 'what a client, a model or a tool might say (JSON is read as JSON); or a routes file')
    .option('--redact <file>', 'keys and patterns of your own, as YAML (default: PROXY_REDACT_FILE)')
    .option('--routes <file>', 'the routes file to check, whatever it is called')
    .option('--json', 'what a routes file says, as one JSON document')
    .addHelpText('after', HELP)
    .exitOverride(throwExitCode)
    .action((text: string | undefined, _options: unknown, command: Command) => runCheck(deps, text, command));
