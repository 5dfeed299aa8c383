import type { RequestIds } from '../../../errors.ts';
import type { Pace } from '../../../pace.ts';
import { isMembers, type Members } from '../json-shapes.ts';
import { type MemberEdits, spliceMembers } from '../relay/json-splice.ts';
import { parseData } from './parse-data.ts';

/** What this gateway adds to an error. It holds no text of the client or the server. */
export interface Hop {
  readonly service: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly cause: string;
  readonly cause_type: string;
}

/** A longer body is not changed. */
const MAX_BODY_BYTES = 1024 * 1024;

const utf8 = new TextDecoder();

const addAll = (members: Readonly<Record<string, unknown>>): MemberEdits =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { type: 'add', value }]));

const idsInBody = ({ reqId, traceId }: RequestIds) => ({
  request_id: reqId,
  ...(traceId !== null && { trace_id: traceId }),
});

/** The first gateway sets the members of the error; each later one adds itself to `hops`. */
const editsOf = (body: Members, ids: RequestIds, hop: Hop): MemberEdits => {
  const { error } = body;
  if (!isMembers(error)) return addAll(idsInBody(ids));
  const members: MemberEdits =
    typeof error['service'] === 'string'
      ? { hops: { type: 'push', value: { request_id: ids.reqId, ...hop } } }
      : addAll({ ...idsInBody(ids), ...hop });
  return { error: { type: 'inside', members } };
};

/**
 * Adds this gateway's ids and `hop` to the body of an error. The bytes that are there stay as they are. A body that is not
 * a JSON object is returned unchanged.
 */
export const withIds = async (
  bytes: Uint8Array,
  ids: RequestIds,
  hop: Hop,
  pace: Pace,
): Promise<Uint8Array> => {
  if (bytes.length > MAX_BODY_BYTES) return bytes;
  const data = await parseData(utf8.decode(bytes), pace);
  if (data.type !== 'json' || !isMembers(data.value)) return bytes;
  return spliceMembers(bytes, editsOf(data.value, ids, hop), pace);
};
