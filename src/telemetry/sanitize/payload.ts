import { hash } from 'node:crypto';
import { types } from 'node:util';
import { boundPayload } from '../bound.ts';
import type { ValueRules } from './entries.ts';

/** The size and hash of the whole text that was cut. */
export interface Cut {
  readonly bytes: number;
  readonly sha256: string;
}

const DEFAULT_MAX_BYTES = 16 * 1024;

/** Size (UTF-8) and SHA-256 (hex) of a text. */
export const measure = (text: string): Cut => ({
  bytes: Buffer.byteLength(text),
  sha256: hash('sha256', text),
});

/** The JSON text of a value; a text is its own. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '[unreadable]';
  }
};

/** The longest start of a text that fits, never ending inside a character. */
const startOf = (text: string, maxBytes: number): string => {
  const room = new Uint8Array(maxBytes);
  const { read } = new TextEncoder().encodeInto(text, room);
  return text.slice(0, read);
};

/** A text that is larger than `maxBytes` (UTF-8) ends with a marker that says how large the whole was; `truncated` has its size and hash. */
export const cutText = (text: string, maxBytes = DEFAULT_MAX_BYTES): { text: string; truncated?: Cut } => {
  // No UTF-16 unit takes more than 3 bytes, so that most texts need no counting.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return { text };
  const whole = measure(text);
  return { text: `${startOf(text, maxBytes)}…[truncated ${whole.bytes} bytes]`, truncated: whole };
};

/** A payload without its content. */
export interface Description {
  /** Size in bytes (UTF-8). */
  readonly bytes: number;
  /** Of the sanitized text, so that a short secret cannot be guessed from it. */
  readonly sha256: string;
  readonly shape: unknown;
}

/** Names of the OpenAI, JSON-RPC and app-server requests: only these are shown, since clients choose the others. */
const KNOWN_KEYS = new Set(
  (
    'approvalPolicy arguments audio best_of body call_id choices code completion_tokens content content_type created cwd data delta ' +
    'developerInstructions echo effort encoding_format ephemeral error finish_reason frequency_penalty function functions headers id ' +
    'image_url include index input input_audio input_tokens instructions item items itemId json_schema logit_bias logprobs ' +
    'max_completion_tokens max_output_tokens max_tokens message messages metadata method modalities model n name object output ' +
    'output_tokens parallel_tool_calls parameters params path prediction presence_penalty previous_response_id prompt prompt_tokens ' +
    'reasoning reasoning_effort refusal response_format result role sandbox schema seed service_tier status stop store strict ' +
    'stream stream_options suffix system_fingerprint temperature text thread threadId tokenUsage tool_call_id tool_calls ' +
    'tool_choice tools top_logprobs top_p trace traceparent truncation turn turnId type url usage user'
  ).split(' '),
);
/** Whether a field has a name of these APIs, and not one that a client made up. */
export const isKnownKey = (key: string): boolean => KNOWN_KEYS.has(key);
const ROLES = new Set('assistant critic developer function system tool user'.split(' '));
const TYPES = new Set(
  (
    'agentMessage array audio boolean commandExecution computer_call custom dynamicToolCall file file_search function ' +
    'function_call function_call_output grammar image_url input_audio input_file input_image input_text integer json_object ' +
    'json_schema message number object output_text reasoning refusal string summary_text text tool_result tool_use web_search'
  ).split(' '),
);
const MAX_DEPTH = 6;
const MAX_ITEMS = 1000;

type Counts = Record<string, number>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const countInto = (counts: Counts, value: unknown, known: ReadonlySet<string>): void => {
  if (typeof value !== 'string') return;
  const word = known.has(value) ? value : 'other';
  counts[word] = (counts[word] ?? 0) + 1;
};

const filled = (name: string, counts: Counts): object =>
  Object.keys(counts).length > 0 ? { [name]: counts } : {};

/** Counts the roles and types of items and of the parts in their `content`. */
const listShape = (items: readonly unknown[]): object => {
  const roles: Counts = {};
  const types: Counts = {};
  const keys = new Set<string>();
  for (const item of items.slice(0, MAX_ITEMS)) {
    if (!isRecord(item)) {
      countInto(types, Array.isArray(item) ? 'array' : typeof item, TYPES);
      continue;
    }
    for (const key of Object.keys(item)) if (KNOWN_KEYS.has(key)) keys.add(key);
    countInto(roles, item['role'], ROLES);
    countInto(types, item['type'], TYPES);
    const parts = Array.isArray(item['content']) ? item['content'].slice(0, MAX_ITEMS) : [];
    for (const part of parts) if (isRecord(part)) countInto(types, part['type'], TYPES);
  }
  return {
    count: items.length,
    ...filled('roles', roles),
    ...filled('types', types),
    ...(keys.size > 0 && { keys: [...keys] }),
  };
};

const shapeOf = (value: unknown, depth: number): unknown => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return listShape(value);
  if (!isRecord(value)) return typeof value;
  if (depth >= MAX_DEPTH) return 'object';
  const known = Object.keys(value).filter((key) => KNOWN_KEYS.has(key));
  const others = Object.keys(value).length - known.length;
  const shape = Object.fromEntries(
    known.map((key) => [key, wordOf(key, value[key]) ?? shapeOf(value[key], depth + 1)]),
  );
  return others > 0 ? { ...shape, other_keys: others } : shape;
};

/** Roles and types come from closed lists; their own words are no content. */
const wordOf = (key: string, value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const known = key === 'role' ? ROLES : key === 'type' ? TYPES : undefined;
  return known?.has(value) ? value : undefined;
};

/** Says of a payload its size, hash and shape: roles, counts, types, the names of known keys, and no content. */
export const createDescribe = (
  cleanValue: (value: unknown) => unknown,
  cleanText: ValueRules['cleanText'],
): ((value: unknown) => Description) => {
  const describeText = (text: string): Description => {
    const { sha256 } = measure(cleanText(String(boundPayload(text))));
    return { bytes: Buffer.byteLength(text), sha256, shape: 'string' };
  };
  return (value) => {
    if (typeof value === 'string') return describeText(value);
    if (types.isUint8Array(value)) {
      return { ...describeText(Buffer.from(value).toString()), bytes: value.byteLength, shape: 'binary' };
    }
    const clean = cleanValue(boundPayload(value));
    return { ...measure(textOf(clean)), shape: shapeOf(clean, 0) };
  };
};
