import type { MirrorLine } from '../../../src/telemetry/mirror/line.ts';
import { readNdjson } from '../../../src/timeline/read-ndjson.ts';

/** What the mirror says of a whole run, without its payloads: so many lines would fill the memory. */
export type MirrorSummary = {
  readonly lines: number;
  /** Lines that are no JSON: at most one each time that the disk was full. */
  readonly torn: number;
  /** Lines that were there twice. */
  readonly repeated: number;
  /** Sequence numbers that are not there, ascending. */
  readonly missing: readonly number[];
  /** As the mirror's own lines tell. */
  readonly toldLost: number;
  /** The outcome words of each request's usage_summary spans. */
  readonly summaries: ReadonlyMap<string, readonly string[]>;
  /** The number of the last line of each request. */
  readonly lastOf: ReadonlyMap<string, number>;
  /** Spans that have no line: the request, and the number of the last event that they took; later ones come after the end. */
  readonly open: readonly { readonly span: string; readonly reqId: string | null; readonly seq: number }[];
};

const outcomeOf = (line: MirrorLine): string | null => {
  if (line.type !== 'span' || line.name !== 'usage_summary' || line.service !== 'throughline') return null;
  return line.otlp.attributes?.find(({ key }) => key === 'outcome')?.value.stringValue ?? '(none)';
};

const lostIn = (line: MirrorLine): number => {
  if (line.type !== 'event' || line.kind !== 'trace_error') return 0;
  const { lost } = (line.payload ?? {}) as { lost?: unknown };
  return typeof lost === 'number' ? lost : 0;
};

/** A line that the full disk took half of stands there again, whole. */
const parse = (bytes: Buffer): MirrorLine | null => {
  try {
    return JSON.parse(bytes.toString()) as MirrorLine;
  } catch {
    return null;
  }
};

const gapsIn = (seqs: ReadonlySet<number>): number[] => {
  let newest = -1;
  for (const seq of seqs) newest = Math.max(newest, seq);
  return Array.from({ length: newest + 1 }, (_, seq) => seq).filter((seq) => !seqs.has(seq));
};

export const summarizeMirror = async (path: string): Promise<MirrorSummary> => {
  const seqs = new Set<number>();
  const summaries = new Map<string, string[]>();
  const lastOf = new Map<string, number>();
  const spoken = new Map<string, { reqId: string | null; seq: number }>();
  const ended = new Set<string>();
  const counts = { lines: 0, torn: 0, toldLost: 0 };
  const take = (line: MirrorLine): void => {
    const { req_id: reqId, seq, span_id: span } = line;
    counts.lines++;
    counts.toldLost += lostIn(line);
    seqs.add(seq);
    if (reqId !== null) lastOf.set(reqId, seq);
    if (line.type === 'span') ended.add(line.span_id ?? '');
    else if (span !== null && line.in_span) spoken.set(span, { reqId, seq });
    const outcome = outcomeOf(line);
    if (outcome !== null && reqId !== null) summaries.set(reqId, [...(summaries.get(reqId) ?? []), outcome]);
  };
  await readNdjson(path, ({ bytes }) => {
    const line = parse(bytes);
    if (line) take(line);
    else counts.torn++;
  });
  const open = [...spoken].filter(([span]) => !ended.has(span)).map(([span, said]) => ({ span, ...said }));
  return { ...counts, repeated: counts.lines - seqs.size, missing: gapsIn(seqs), summaries, lastOf, open };
};
