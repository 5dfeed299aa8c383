import type { MirrorLine } from '../telemetry/mirror/line.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import type { AccessLine } from './model.ts';

/** What a line turned out to be: `broken` is half a line, `other` is a whole one that is none of ours. */
export type Parsed<Line> =
  | { readonly type: 'line'; readonly line: Line }
  | { readonly type: 'other' }
  | { readonly type: 'newer'; readonly version: unknown }
  | { readonly type: 'broken' };

type Json = Readonly<Record<string, unknown>>;

const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const VERSION = 1;
/** How each line of the mirror begins, and nothing inside of one does: text in a payload has its quotes escaped. */
const LINE_START = '{"v":1,"type":"';

/** Tells half a line from a whole one at the price of two bytes. */
export const looksWhole = (bytes: Buffer): boolean =>
  bytes[0] === OPEN_BRACE && bytes[bytes.length - 1] === CLOSE_BRACE;

const parseObject = (text: string): Json | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
};

const isNanoseconds = (value: unknown): boolean => typeof value === 'string' && /^\d{1,20}$/.test(value);

const isTextOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

const versioned = <Line>(json: Json | null, isLine: (json: Json) => boolean): Parsed<Line> => {
  if (!json) return { type: 'broken' };
  if (typeof json['v'] === 'number' && json['v'] > VERSION) return { type: 'newer', version: json['v'] };
  return isLine(json) ? { type: 'line', line: json as unknown as Line } : { type: 'other' };
};

const isMirrorLine = (json: Json): boolean =>
  (json['type'] === 'event' || json['type'] === 'span') &&
  isNanoseconds(json['time_ns']) &&
  typeof json['seq'] === 'number' &&
  isTextOrNull(json['req_id']) &&
  isTextOrNull(json['trace_id']) &&
  isTextOrNull(json['span_id']) &&
  (json['type'] === 'event' || isSpan(json));

const isSpan = (json: Json): boolean => {
  const otlp = json['otlp'];
  if (typeof otlp !== 'object' || otlp === null || typeof json['span_id'] !== 'string') return false;
  const span = otlp as Json;
  return isNanoseconds(span['startTimeUnixNano']) && isNanoseconds(span['endTimeUnixNano']);
};

/** After a power cut the next line may stand on the torn one's line: the whole one at its end is saved. */
const afterTear = (text: string): string | null => {
  const at = text.lastIndexOf(LINE_START);
  return at > 0 ? text.slice(at) : null;
};

/** Reads a line of the mirror; `saved` says that a torn line stood in front of it. */
export const parseMirrorLine = (text: string): Parsed<MirrorLine> & { readonly saved?: boolean } => {
  const whole = versioned<MirrorLine>(parseObject(text), isMirrorLine);
  if (whole.type !== 'broken') return whole;
  const rest = afterTear(text);
  return rest === null ? whole : { ...versioned<MirrorLine>(parseObject(rest), isMirrorLine), saved: true };
};

/** Reads a line of the usage log. */
export const parseUsageRecord = (text: string): Parsed<UsageRecord> =>
  versioned(
    parseObject(text),
    (json) => isNanoseconds(json['time_ns']) && typeof json['req_id'] === 'string',
  );

/** Reads a line of the gateway's log; whatever is no access line is `other`, since a log holds all kinds. */
export const parseAccessLine = (text: string): Parsed<AccessLine> => {
  const json = parseObject(text);
  const isAccess =
    json?.['kind'] === 'access' &&
    typeof json['req_id'] === 'string' &&
    typeof json['time'] === 'string' &&
    !Number.isNaN(Date.parse(json['time']));
  return isAccess ? { type: 'line', line: json as unknown as AccessLine } : { type: 'other' };
};
