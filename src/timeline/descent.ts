import type { MirrorLine } from '../telemetry/mirror/line.ts';
import { isSpanLine } from './line-facts.ts';

/** The request's lines, and how many spans of its traces lead to nobody that is known. */
export interface Descent {
  readonly lines: readonly MirrorLine[];
  readonly orphans: number;
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

/**
 * Adds to a request's own lines those of spans without a request id that descend from its spans. Sharing a trace id
 * is not enough: one trace may hold many requests.
 */
export const withDescendants = (
  own: readonly MirrorLine[],
  unclaimed: readonly MirrorLine[],
  othersSpanIds: ReadonlySet<string>,
): Descent => {
  const known = new Map<string, Owner>();
  for (const id of othersSpanIds) known.set(id, 'other');
  for (const id of spanIdsOf(own)) known.set(id, 'request');
  const spans = unclaimed.filter(isSpanLine);
  const parents = new Map(spans.map((line) => [line.span_id ?? '', line.parent_span_id]));
  const ownerOf = createOwners(parents, known);
  return {
    lines: [...own, ...unclaimed.filter(({ span_id }) => span_id !== null && ownerOf(span_id) === 'request')],
    orphans: spans.filter(({ span_id }) => span_id !== null && ownerOf(span_id) === 'nobody').length,
  };
};
