import type { HttpBackendSettings } from '../../../gateway/http-backend-settings.ts';
import type { RelayBody, RelayRequest } from '../../../gateway/relay.ts';
import type { Pace } from '../../../pace.ts';
import { isMembers, type Members } from '../json-shapes.ts';
import { SERVICE } from './headers.ts';
import { type MemberEdits, spliceMembers } from './json-splice.ts';

/** A body as it is sent to the server. */
export interface PreparedBody {
  readonly body: RelayBody;
  /** The value for telemetry; undefined if the body is not JSON. */
  readonly shown: unknown;
  /** Whether the gateway asks for usage although the client did not. */
  readonly asksUsage: boolean;
}

interface PrepareOptions {
  /** Null: the client's own. */
  readonly model: string | null;
  readonly reqId: string;
  /** False once this server has refused to tell its usage in a stream. */
  readonly mayAskUsage: boolean;
}

/** Paths whose requests have `metadata`: a server may refuse the field elsewhere. */
const HAS_METADATA = /^\/(?:chat\/completions|completions|responses)(?:\?|$)/;

/** Whether a stream would have no usage, since the client did not ask. An invalid `stream_options` is left for the server to refuse. */
const lacksUsage = ({ api, stream, method }: RelayRequest, { stream_options: options }: Members): boolean => {
  if (!stream || method !== 'POST' || (api !== 'chat' && api !== 'completions')) return false;
  if (options === undefined || options === null) return true;
  return isMembers(options) && options['include_usage'] !== true;
};

const set = (value: unknown) => ({ type: 'set', value }) as const;
const inside = (members: MemberEdits) => ({ type: 'inside', members }) as const;

const editsFor = (
  settings: HttpBackendSettings,
  request: RelayRequest,
  { model, reqId }: PrepareOptions,
  asksUsage: boolean,
): MemberEdits => ({
  ...(model !== null && model !== request.model && { model: set(model) }),
  ...(asksUsage && { stream_options: inside({ include_usage: set(true) }) }),
  ...(settings.metadata &&
    settings.trust &&
    HAS_METADATA.test(request.target) && {
      metadata: inside({ request_id: set(reqId), source_service: set(SERVICE) }),
    }),
});

/** The parsed value with the same edits as the bytes. */
const edited = (value: Members, edits: MemberEdits): Members => {
  const changed: Record<string, unknown> = { ...value };
  for (const [key, edit] of Object.entries(edits)) {
    const old = value[key];
    if (edit.type === 'set') changed[key] = edit.value;
    else if (edit.type === 'inside' && (old == null || isMembers(old))) {
      changed[key] = edited(old ?? {}, edit.members);
    }
  }
  return changed;
};

/** Sets `model`, `stream_options` and `metadata` in a body where the route or the gateway decides them. All other bytes stay as the client sent them. */
export const prepareBody = async (
  settings: HttpBackendSettings,
  request: RelayRequest,
  options: PrepareOptions,
  pace: Pace,
): Promise<PreparedBody> => {
  const { body, value } = request;
  if (body.type !== 'bytes' || !isMembers(value)) return { body, shown: value, asksUsage: false };
  const asksUsage = settings.usage === 'ask' && options.mayAskUsage && lacksUsage(request, value);
  const edits = editsFor(settings, request, options, asksUsage);
  if (Object.keys(edits).length === 0) return { body, shown: value, asksUsage };
  const bytes = await spliceMembers(body.bytes, edits, pace);
  return { body: { type: 'bytes', bytes }, shown: edited(value, edits), asksUsage };
};
