import type { MirrorLine, SpanLine } from '../telemetry/mirror/line.ts';
import { isEventLine, isSpanLine } from './line-facts.ts';

/** A request's lines by who made them. */
export interface LinesByMaker {
  readonly own: readonly MirrorLine[];
  /** The backend's. They say what they like, so they decide nothing about the request. */
  readonly foreign: readonly MirrorLine[];
}

/** Of one process. */
const makerOf = ({ resource }: SpanLine): string => JSON.stringify(resource) ?? '';

/** The spans that are our own for certain: those with a phase, their parents, and those that have events of ours. */
const ownSpanIds = (lines: readonly MirrorLine[], isOwn: (line: MirrorLine) => boolean): Set<string> => {
  const ids = new Set<string>();
  for (const line of lines) {
    if (!isOwn(line)) continue;
    if (line.span_id) ids.add(line.span_id);
    if (isSpanLine(line) && line.phase && line.parent_span_id) ids.add(line.parent_span_id);
  }
  return ids;
};

/**
 * Tells our own lines from the backend's. No backend has a phase, so the processes that wrote spans with one are gateways. A foreign span
 * with the id of one of ours is left out. Where no phase was written nothing can be told, and all lines pass for our own.
 */
export const byMaker = (lines: readonly MirrorLine[]): LinesByMaker => {
  const spans = lines.filter(isSpanLine);
  const gateways = new Set(spans.filter(({ phase }) => phase !== null).map(makerOf));
  if (gateways.size === 0) return { own: lines, foreign: [] };
  const isOwn = (line: MirrorLine): boolean =>
    isEventLine(line) ? line.kind !== null || line.route !== null : gateways.has(makerOf(line));
  const taken = ownSpanIds(lines, isOwn);
  return {
    own: lines.filter(isOwn),
    foreign: lines.filter((line) => !isOwn(line) && (isEventLine(line) || !taken.has(line.span_id ?? ''))),
  };
};
