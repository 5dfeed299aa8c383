import type { Writable } from 'node:stream';
import { Command, Option } from 'commander';
import { printable, printableJson } from '../telemetry/printable.ts';
import { newestRequest } from '../timeline/newest.ts';
import { LogFileError, readTimeline, type Timeline } from '../timeline/timeline.ts';
import { EXIT_NOT_FOUND, EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { type CliOutput, createOutput } from './output.ts';
import { paint } from './render/line.ts';
import { renderReport } from './render/report.ts';
import { followRequest } from './trace-follow.ts';
import { timelineJson } from './trace-json.ts';
import {
  collectFiles,
  isWanted,
  parseKinds,
  parsePhases,
  parseReqId,
  type RequestTraceOptions,
  type TraceOptions,
} from './trace-options.ts';

/** What the command is given by whoever knows the process. */
export interface TraceDeps {
  readonly defaults: { readonly protoLog: string; readonly usageLog: string };
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** How wide the terminal is; undefined where there is none. */
  readonly columns?: number | undefined;
  readonly isTTY: boolean;
  /** Ends a follow, as Ctrl-C does. */
  readonly signal?: AbortSignal;
}

const FILE_COLUMNS = 120;
const MIN_COLUMNS = 40;

interface Run {
  readonly deps: TraceDeps;
  readonly options: RequestTraceOptions;
  readonly output: CliOutput;
  readonly columns: number;
  readonly colours: boolean;
  /** Says one line on stderr and ends the command with that exit code. */
  readonly fail: (exitCode: number, message: string) => never;
}

const filtered = (timeline: Timeline, options: TraceOptions): Timeline => ({
  ...timeline,
  entries: timeline.entries.filter(isWanted(options)),
});

const notFound = ({ reqId, searched }: Timeline): string => {
  const places = searched.map(({ path, found }) => (found ? path : `${path} (no such file)`));
  return `throughline: nothing of ${reqId} in ${places.join(', ')}`;
};

const printTimeline = async (run: Run, events: boolean): Promise<void> => {
  const timeline = await readTimeline(run.options);
  if (timeline.attempts.length === 0) return run.fail(EXIT_NOT_FOUND, notFound(timeline));
  const shown = filtered(timeline, run.options);
  if (run.options.json)
    return run.output.write(`${printableJson(JSON.stringify(timelineJson(shown), null, 2))}\n`);
  const fullPayload = run.options.payload === true;
  const lines = renderReport(shown, { columns: run.columns, fullPayload, events });
  await run.output.write(lines.map((line) => `${paint(line, run.colours)}\n`).join(''));
};

/** Aborts at Ctrl-C, for as long as the work takes. */
const untilInterrupted = async <T>(
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(AbortSignal.any([interrupted.signal, ...(outer ? [outer] : [])]));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
};

const follow = (run: Run): Promise<void> =>
  untilInterrupted(run.deps.signal, async (signal) => {
    const { options, output, columns, colours } = run;
    run.deps.stderr.write(`throughline: following ${options.reqId}; Ctrl-C ends\n`);
    const seen = await followRequest(options, output, {
      columns,
      colours,
      signal,
      fullPayload: options.payload === true,
    });
    if (!seen) return run.fail(EXIT_NOT_FOUND, `throughline: nothing of ${options.reqId} came`);
    if (signal.aborted || output.left.aborted || options.json) return;
    await output.write('\n');
    await printTimeline(run, false);
  });

const failWith =
  (command: Command): Run['fail'] =>
  (exitCode, message) =>
    command.error(printable(message), { exitCode, code: 'throughline.trace' });

/** The request that was asked for, or the newest one. */
const findRequest = async (
  options: TraceOptions,
  id: string | undefined,
  fail: Run['fail'],
): Promise<string> => {
  if (id !== undefined) {
    if (options.reqId === undefined && !options.last) return id;
    const other = options.last ? '--last' : '--req-id <id>';
    return fail(EXIT_WRONG_CALL, `error: the argument 'id' cannot be used with option '${other}'`);
  }
  if (options.reqId !== undefined) return options.reqId;
  const { protoLog, usageLog } = options;
  const newest = await newestRequest({ protoLog, usageLog });
  const places = [...protoLog, ...usageLog].join(', ');
  return newest ?? fail(EXIT_NOT_FOUND, `throughline: no request in ${places}`);
};

const startRun = (deps: TraceDeps, options: RequestTraceOptions, fail: Run['fail']): Run => ({
  deps,
  options,
  output: createOutput(deps.stdout),
  columns: Math.max(MIN_COLUMNS, deps.columns ?? FILE_COLUMNS),
  colours: deps.isTTY && options.color,
  fail,
});

const runTrace = async (deps: TraceDeps, id: string | undefined, command: Command): Promise<void> => {
  const fail = failWith(command);
  try {
    const options = command.opts<TraceOptions>();
    const reqId = await findRequest(options, id, fail);
    const run = startRun(deps, { ...options, reqId }, fail);
    await (run.options.follow ? follow(run) : printTimeline(run, true));
  } catch (error) {
    if (!(error instanceof LogFileError)) throw error;
    fail(EXIT_WRONG_CALL, `throughline: ${error.message}`);
  }
};

/** An option that names a file, and may be given again for another gateway's. */
const fileOption = (flags: string, description: string, path: string): Option => {
  const defaults = [path];
  return new Option(flags, description)
    .argParser(collectFiles(defaults))
    .default(defaults, JSON.stringify(path));
};

const addOptions = (command: Command, { defaults }: TraceDeps): Command =>
  command
    .argument('[id]', 'the request id, as --req-id has it', parseReqId)
    .option(
      '--req-id <id>',
      'the request id, as the response header x-request-id has it; without it the newest request',
      parseReqId,
    )
    .addOption(new Option('--last', 'the newest request').conflicts('reqId'))
    .addOption(
      fileOption(
        '--proto-log <file>',
        'the mirror (PROTO_LOG_PATH); given again for each gateway that the request went through',
        defaults.protoLog,
      ),
    )
    .addOption(
      fileOption(
        '--usage-log <file>',
        'the usage log (TOKEN_LOG_PATH); may be given again',
        defaults.usageLog,
      ),
    )
    .option(
      '--access-log <file>',
      "the gateway's log, where its stdout went to a file; may be given again",
      collectFiles(),
    )
    .option('--phase <phase>', 'only events of this phase; several with commas, or given again', parsePhases)
    .option('--kind <kind>', 'only events of this kind; several with commas, or given again', parseKinds)
    .option('--payload', 'whole payloads instead of one line each')
    .option('--json', 'one JSON document; with --follow one JSON object a line')
    .option('--follow', 'print events as they come, until the request has ended')
    .option('--no-color', 'no colours on a terminal either');

/**
 * `throughline trace`: one request's header, span tree and events, read back from mirror, usage and access files.
 * Whatever ends it with an exit code other than 0 is thrown as a `CommanderError` that has it, with its one line on
 * stderr already written: 1 not found, 2 wrong call or a file that cannot be read.
 */
export const createTraceCommand = (deps: TraceDeps): Command => {
  const command = addOptions(new Command('trace'), deps)
    .description('show what happened to a request, step by step')
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void deps.stderr.write(text),
    })
    .exitOverride(throwExitCode);
  return command.action((id: string | undefined) => runTrace(deps, id, command));
};
