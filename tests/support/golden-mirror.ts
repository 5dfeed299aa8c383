import type { EventLine, MirrorLine, SpanLine } from '../../src/telemetry/mirror/line.ts';
import { PHASES } from '../../src/telemetry/phases.ts';

/** Mirror lines of a run, as they are kept and as they are compared: ids, times, ports and folders differ from run to run. */

const UUID = /(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])/g;
const ANSWER_ID = /\bchatcmpl-[0-9a-f]+\b/g;
const SPAN_ID = /\b[0-9a-f]{16}\b/g;
const NANOSECONDS = /\b\d{19}\b/g;
const HEADERS = /"headers":\{[^}]*\}/g;
const FOLDER = /"[^"]*throughline-test-\w+/g;
const PORTS = /(127\.0\.0\.1:|"key":"(?:network\.peer\.port|server\.port)","value":\{"intValue":)\d+/g;
const MEASURED = /("doubleValue":|"(?:\w+At|\w+Ms|created|durationMs)":)[\d.e-]+/g;
const CUT = /"truncated":\{[^}]*\}/g;

/** Numbers things by the order in which they are first seen. */
const numbered = (name: (n: number) => string) => {
  const seen = new Map<string, string>();
  return (found: string): string => {
    const known = seen.get(found) ?? name(seen.size + 1);
    seen.set(found, known);
    return known;
  };
};

const plain = (text: string): string =>
  text
    .replace(HEADERS, '"headers":{}')
    .replace(FOLDER, '"/srv')
    .replace(PORTS, '$18787')
    .replace(ANSWER_ID, 'chatcmpl-0')
    .replace(MEASURED, '$10');

const START_NS = 1_790_000_000_000_000_000n;

/** Every instant becomes a number of milliseconds, in the order of the instants. */
const evenTimes = (text: string): string => {
  const instants = [...new Set(text.match(NANOSECONDS))].sort();
  const rank = new Map(instants.map((instant, index) => [instant, START_NS + BigInt(index) * 1_000_000n]));
  return text.replace(NANOSECONDS, (instant) => String(rank.get(instant)));
};

const RESOURCE = /^(?:service\.(?:name|version)|telemetry\.)/;

/** A line without what its process was called, and with the time that its nanoseconds say. */
const tidy = (line: MirrorLine, seq: number): MirrorLine => {
  const ts = new Date(Number(BigInt(line.time_ns) / 1_000_000n)).toISOString().replace('Z', '000Z');
  if (line.type === 'event') return { ...line, ts, seq };
  const { attributes } = line.resource as { attributes: { key: string }[] };
  const resource = { attributes: attributes.filter(({ key }) => RESOURCE.test(key)) };
  return { ...line, ts, seq, resource };
};

const FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk';

const isFirstPiece = (line: MirrorLine): boolean => {
  if (line.type !== 'event') return false;
  const { method, step } = (line.payload ?? {}) as { method?: unknown; step?: unknown };
  return (line.kind === 'tool_block' && step === 'start') || /agentMessage\/delta$/.test(String(method));
};

/** The time to the first chunk is a number that was measured: it is made to fit the times that the lines were given. */
const withFirstChunk = (line: MirrorLine, lines: readonly MirrorLine[]): MirrorLine => {
  if (line.type !== 'span' || line.phase !== 'backend_io') return line;
  const own = lines.filter(({ req_id }) => req_id === line.req_id);
  const asked = own.find((other) => other.type === 'span' && other.name === 'turn/start') as SpanLine;
  const first = own.find(isFirstPiece);
  const seconds = Number(BigInt(first?.time_ns ?? 0) - BigInt(asked.otlp.startTimeUnixNano)) / 1e9;
  const attributes = (line.otlp.attributes ?? []).map((attribute) =>
    attribute.key === FIRST_CHUNK ? { ...attribute, value: { doubleValue: seconds } } : attribute,
  );
  return { ...line, otlp: { ...line.otlp, attributes } };
};

/** The lines as a file that can be kept: valid, readable by every tool, and nothing in it of the machine. */
export const toFixture = (lines: readonly MirrorLine[]): string => {
  const uuid = numbered((n) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`);
  const spanId = numbered((n) => n.toString(16).padStart(16, 'a'));
  const text = evenTimes(plain(lines.map((line) => JSON.stringify(line)).join('\n')))
    .replace(UUID, uuid)
    .replace(SPAN_ID, spanId);
  const tidied = text.split('\n').map((line, index) => tidy(JSON.parse(line) as MirrorLine, index));
  return tidied.map((line) => `${JSON.stringify(withFirstChunk(line, tidied))}\n`).join('');
};

export const fromFixture = (text: string): MirrorLine[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as MirrorLine);

const nameless = (value: unknown): string =>
  plain(JSON.stringify(value) ?? '')
    .replace(UUID, 'ID')
    .replace(SPAN_ID, 'SPAN')
    .replace(CUT, '"truncated":true');

const eventView = ({ phase, direction, kind, mode, status_code, payload, truncated }: EventLine): string =>
  nameless({ phase, direction, kind, mode, status_code, payload, truncated });

const pathOf = (span: SpanLine, spans: ReadonlyMap<string | null, SpanLine>): string => {
  const parent = spans.get(span.parent_span_id);
  return parent ? `${pathOf(parent, spans)} > ${span.name}` : span.name;
};

const spanView = (span: SpanLine, spans: ReadonlyMap<string | null, SpanLine>): string => {
  const attributes = (span.otlp.attributes ?? []).map(nameless).sort();
  return `${pathOf(span, spans)} [${span.span_kind} ${span.service} ${nameless(span.otlp.status)}] ${attributes.join(' ')}`;
};

const phaseOf = ({ phase }: EventLine): number => (phase === null ? -1 : PHASES.indexOf(phase));

/** Answers, and what is told of a thread by itself, come when they come, between the events of the turn. */
const strandOf = ({ kind, payload }: EventLine): number => {
  if (kind === 'rpc_response') return 1;
  const method = kind === 'rpc_notification' && (payload as { method?: string }).method;
  return method === 'thread/started' || method === 'thread/status/changed' ? 0 : 2;
};

const byPlace = (a: EventLine, b: EventLine): number =>
  phaseOf(a) - phaseOf(b) || strandOf(a) - strandOf(b) || a.seq - b.seq;

/**
 * What must be the same in every run: the events of each phase in their order, and the spans with their parents. Phases overlap, so
 * the order between them is a matter of chance, and so is which of two neighbours a notification between them belongs to.
 */
export const essenceOf = (lines: readonly MirrorLine[], reqId: string) => {
  const own = lines.filter(({ req_id }) => req_id === reqId);
  const events = own.filter((line): line is EventLine => line.type === 'event');
  const spans = own.filter((line): line is SpanLine => line.type === 'span');
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  return {
    events: events.sort(byPlace).map(eventView),
    spans: spans.map((span) => spanView(span, byId)).sort(),
  };
};
