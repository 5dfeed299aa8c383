import type { MirrorLine, SpanLine } from '../telemetry/mirror/line.ts';
import { earliest, endOf, isSpanLine, latest, startOf } from './line-facts.ts';

/** The request's lines, and how many spans of its traces lead to nobody that is known. */
export interface Descent {
  readonly lines: readonly MirrorLine[];
  readonly orphans: number;
}

/** What is known for certain of the spans of a request's traces. */
export interface Certain {
  /** Lines that carry the request id. */
  readonly own: readonly MirrorLine[];
  /** Lines that carry none. */
  readonly unclaimed: readonly MirrorLine[];
  /** Spans that carry another request id. */
  readonly othersSpanIds: ReadonlySet<string>;
}

type Owner = 'request' | 'other' | 'nobody';

/** The spans that are the request's for certain: those that carry its id, and the parents of its phases. */
const spanIdsOf = (own: readonly MirrorLine[]): Set<string> => {
  const ids = new Set<string>();
  for (const line of own) {
    if (line.span_id) ids.add(line.span_id);
    if (isSpanLine(line) && line.phase && line.parent_span_id) ids.add(line.parent_span_id);
  }
  return ids;
};

/** Finds whose each span is by walking up its parents, each step once. */
const createOwners = (parents: ReadonlyMap<string, string | null>, known: ReadonlyMap<string, Owner>) => {
  const owners = new Map(known);
  return (spanId: string): Owner => {
    const path = new Set<string>();
    let at: string | null = spanId;
    while (at !== null && !owners.has(at) && parents.has(at) && !path.has(at)) {
      path.add(at);
      at = parents.get(at) ?? null;
    }
    const owner: Owner = (at !== null && owners.get(at)) || 'nobody';
    for (const step of path) owners.set(step, owner);
    return owner;
  };
};

/** The member of a tracestate that names the request for which its span was made. */
const OWN_MEMBER = /(?:^|,)\s*throughline=([^,\s]+)/;

/** The request that the tracestate of a span names. */
export const namedRequest = ({ otlp }: SpanLine): string | undefined =>
  OWN_MEMBER.exec(String(otlp['traceState'] ?? ''))?.[1];

/** The topmost written span above a span, where the parent of that one was never written; null where there is none. */
const createTops = (spans: ReadonlyMap<string, SpanLine>) => {
  const tops = new Map<string, SpanLine | null>();
  return (spanId: string): SpanLine | null => {
    const path = new Set<string>();
    let at = spans.get(spanId);
    let top: SpanLine | null = null;
    while (at?.span_id && !path.has(at.span_id)) {
      const known = tops.get(at.span_id);
      if (known !== undefined) {
        top = known;
        break;
      }
      path.add(at.span_id);
      const parent = at.parent_span_id;
      if (parent !== null && !spans.has(parent)) top = at;
      at = parent === null ? undefined : spans.get(parent);
    }
    for (const step of path) tops.set(step, top);
    return top;
  };
};

/**
 * Whether a span whose parent was never written is the request's: its tracestate names the request, or it names none, and the trace has
 * no other request, and the span began while this one ran.
 */
const createAdoption = (reqId: string, { own, othersSpanIds }: Certain) => {
  if (own.length === 0) return () => false;
  const fromNs = earliest(own.map(startOf));
  const toNs = latest(own.map(endOf));
  return (top: SpanLine): boolean => {
    const named = namedRequest(top);
    if (named !== undefined) return named === reqId;
    return othersSpanIds.size === 0 && startOf(top) >= fromNs && startOf(top) <= toNs;
  };
};

/**
 * Adds to a request's own lines those of spans without a request id that descend from its spans, or from a span that was never written and
 * can only have been the request's. Sharing a trace id is not enough: one trace may hold many requests.
 */
export const withDescendants = (reqId: string, certain: Certain): Descent => {
  const { own, unclaimed, othersSpanIds } = certain;
  const known = new Map<string, Owner>();
  for (const id of othersSpanIds) known.set(id, 'other');
  for (const id of spanIdsOf(own)) known.set(id, 'request');
  const spans = new Map(unclaimed.filter(isSpanLine).map((line) => [line.span_id ?? '', line]));
  const parents = new Map([...spans].map(([id, line]) => [id, line.parent_span_id]));
  const ownerOf = createOwners(parents, known);
  const topOf = createTops(spans);
  const isAdopted = createAdoption(reqId, certain);
  const isOfRequest = (spanId: string): boolean => {
    const owner = ownerOf(spanId);
    if (owner !== 'nobody') return owner === 'request';
    const top = topOf(spanId);
    return top !== null && isAdopted(top);
  };
  return {
    lines: [...own, ...unclaimed.filter(({ span_id }) => span_id !== null && isOfRequest(span_id))],
    orphans: [...spans.keys()].filter((id) => ownerOf(id) === 'nobody' && !isOfRequest(id)).length,
  };
};
