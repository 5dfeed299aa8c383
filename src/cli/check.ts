import type { Readable, Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { Command } from 'commander';
import { printable } from '../telemetry/printable.ts';
import { RedactFileError, readRedactFile } from '../telemetry/sanitize/redact-file.ts';
import { createSanitizer } from '../telemetry/sanitize.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createOutput } from './output.ts';

/** What the command is given by whoever knows the process. */
export interface CheckDeps {
  /** The file that `PROXY_REDACT_FILE` names. */
  readonly redactFile: string | null;
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

const runCheck = async (deps: CheckDeps, text: string | undefined, command: Command): Promise<void> => {
  const { redact } = command.opts<{ redact?: string }>();
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

/** `throughline check`: checks a file of redaction rules, and shows what a text becomes. */
export const createCheckCommand = (deps: CheckDeps): Command =>
  new Command('check')
    .description('check redaction rules, and show what a text (an argument, or stdin) becomes')
    .argument('[text]', 'what a client, a model or a tool might say; JSON is read as JSON')
    .option('--redact <file>', 'keys and patterns of your own, as YAML (default: PROXY_REDACT_FILE)')
    .exitOverride(throwExitCode)
    .action((text: string | undefined, _options: unknown, command: Command) => runCheck(deps, text, command));
