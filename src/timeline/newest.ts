import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
import { distinctPaths } from './log-files.ts';
import type { LogPaths } from './model.ts';
import { looksWhole, parseMirrorLine, parseUsageRecord } from './parse.ts';
import { type RawLine, readNdjson } from './read-ndjson.ts';

interface Found {
  readonly reqId: string;
  readonly timeNs: bigint;
}

/** With what every request begins, refused ones included. */
const BEGINNING = Buffer.from('"kind":"client_request"');

const begunAt = ({ bytes }: RawLine): Found | null => {
  if (!bytes.includes(BEGINNING)) return null;
  const parsed = parseMirrorLine(bytes.toString());
  if (parsed.type !== 'line' || parsed.line.type !== 'event' || parsed.line.kind !== 'client_request')
    return null;
  return parsed.line.req_id === null
    ? null
    : { reqId: parsed.line.req_id, timeNs: BigInt(parsed.line.time_ns) };
};

const recordedAt = ({ bytes }: RawLine): Found | null => {
  const parsed = parseUsageRecord(bytes.toString());
  return parsed.type === 'line' ? { reqId: parsed.line.req_id, timeNs: BigInt(parsed.line.time_ns) } : null;
};

const newestOf = async (
  paths: readonly string[],
  find: (line: RawLine) => Found | null,
): Promise<Found | null> => {
  let newest: Found | null = null as Found | null;
  for (const path of paths)
    await readNdjson(path, (line) => {
      const found = !line.tooLong && looksWhole(line.bytes) ? find(line) : null;
      if (found && (newest === null || found.timeNs > newest.timeNs)) newest = found;
    });
  return newest;
};

/**
 * The id of the request that began last, by the mirror; where that has none, of the one that ended last, by the usage log.
 *
 * @throws LogFileError for a file that is there and cannot be read
 */
export const newestRequest = async (files: {
  readonly protoLog: LogPaths;
  readonly usageLog: LogPaths;
}): Promise<string | null> => {
  const mirrors = await distinctPaths(files.protoLog);
  const shares = new Set(mirrors.flatMap((path) => [path, refusedPathOf(path)]));
  const begun = await newestOf([...shares], begunAt);
  return (begun ?? (await newestOf(await distinctPaths(files.usageLog), recordedAt)))?.reqId ?? null;
};
