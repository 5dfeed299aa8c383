import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';
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

const newestOf = async (path: string, find: (line: RawLine) => Found | null): Promise<Found | null> => {
  let newest: Found | null = null as Found | null;
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
  readonly protoLog: string;
  readonly usageLog: string;
}): Promise<string | null> => {
  const known = await newestOf(files.protoLog, begunAt);
  const refused = await newestOf(refusedPathOf(files.protoLog), begunAt);
  const begun = refused && (!known || refused.timeNs > known.timeNs) ? refused : known;
  return (begun ?? (await newestOf(files.usageLog, recordedAt)))?.reqId ?? null;
};
