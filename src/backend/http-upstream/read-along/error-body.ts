import type { RequestIds } from '../../../errors.ts';
import type { Pace } from '../../../pace.ts';
import { isMembers, type Members } from '../json-shapes.ts';
import { type MemberEdits, spliceMembers } from '../relay/json-splice.ts';
import { parseData } from './parse-data.ts';

/** What a gateway says of its part in an error. All of it is words of ours. */
export interface Hop {
  readonly service: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly cause: string;
  readonly cause_type: string;
}

/** Error bodies are short; a longer one stays as it is. */
const MAX_BODY_BYTES = 1024 * 1024;

const utf8 = new TextDecoder();

const addAll = (members: Readonly<Record<string, unknown>>): MemberEdits =>
  Object.fromEntries(Object.entries(members).map(([name, value]) => [name, { type: 'add', value }]));

const idsInBody = ({ reqId, traceId }: RequestIds) => ({
  request_id: reqId,
  ...(traceId !== null && { trace_id: traceId }),
});

/** The first gateway that an error passes says what was its cause; those behind it add themselves to the list. */
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
 * Adds to the body of an error by which ids this gateway knows the request. What stands in it already stays byte for byte; a body that is no
 * JSON object comes back as it is.
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
