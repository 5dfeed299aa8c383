import type { Writable } from 'node:stream';
import { Command } from 'commander';
import { toTraceExport } from '../replay/otlp-export.ts';
import { rebuildSpans } from '../replay/rebuild.ts';
import { otlpEventOf } from '../telemetry/mirror/event.ts';
import type { MirrorLine } from '../telemetry/mirror/line.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { printable, printableJson } from '../telemetry/printable.ts';
import { parseMirrorLine } from '../timeline/parse.ts';
import { readNdjson } from '../timeline/read-ndjson.ts';
import { LogFileError, readTimeline, type SpanNode } from '../timeline/timeline.ts';
import { EXIT_NOT_FOUND, EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createOutput } from './output.ts';
import { parseReqId } from './trace-options.ts';

export interface ReplayDeps {
  readonly defaults: { readonly protoLog: string; readonly usageLog: string };
  readonly stdout: Writable;
}

interface ReplayOptions {
  readonly reqId: string;
  readonly protoLog: string;
}

const spanIdsOf = (nodes: readonly SpanNode[]): string[] =>
  nodes.flatMap(({ spanId, children }) => [...(spanId === null ? [] : [spanId]), ...spanIdsOf(children)]);

/** The request's lines alone, those of the backend's spans below it included. */
const readLines = async (path: string, spanIds: ReadonlySet<string>): Promise<MirrorLine[]> => {
  const lines: MirrorLine[] = [];
  for (const share of new Set([path, refusedPathOf(path)])) {
    await readNdjson(share, ({ bytes }) => {
      const parsed = parseMirrorLine(bytes.toString('utf8'));
      if (parsed.type === 'line' && parsed.line.span_id && spanIds.has(parsed.line.span_id))
        lines.push(parsed.line);
    });
  }
  return lines;
};

const runReplay = async ({ stdout, defaults }: ReplayDeps, command: Command): Promise<void> => {
  const { reqId, protoLog } = command.opts<ReplayOptions>();
  const fail = (exitCode: number, message: string): never =>
    command.error(printable(`throughline: ${message}`), { exitCode, code: 'throughline.replay' });
  try {
    const { spans } = await readTimeline({ reqId, protoLog, usageLog: defaults.usageLog });
    const rebuilt = rebuildSpans(await readLines(protoLog, new Set(spanIdsOf(spans))), otlpEventOf);
    if (rebuilt.length === 0) return fail(EXIT_NOT_FOUND, `no finished span of ${reqId} in ${protoLog}`);
    await createOutput(stdout).write(`${printableJson(JSON.stringify(toTraceExport(rebuilt)))}\n`);
  } catch (error) {
    if (!(error instanceof LogFileError)) throw error;
    fail(EXIT_WRONG_CALL, error.message);
  }
};

/** `throughline replay`: a request's spans, rebuilt from the mirror as they were exported, for any collector to take. */
export const createReplayCommand = (deps: ReplayDeps): Command => {
  const command = new Command('replay')
    .description('print the spans of a request as an OTLP/JSON export, rebuilt from the mirror')
    .requiredOption('--req-id <id>', 'the request id, as the response header x-request-id has it', parseReqId)
    .option('--proto-log <file>', 'the mirror (PROTO_LOG_PATH)', deps.defaults.protoLog)
    .exitOverride(throwExitCode);
  return command.action(() => runReplay(deps, command));
};
