import type { EventLine, MirrorLine, SpanLine } from '../../src/telemetry/mirror/line.ts';
import { PHASES, type Phase } from '../../src/telemetry/phases.ts';

/** The lines of one request, taken apart. */
export const eventsOf = (lines: readonly MirrorLine[], reqId: string): EventLine[] =>
  lines.filter((line): line is EventLine => line.type === 'event' && line.req_id === reqId);

export const spansOf = (lines: readonly MirrorLine[], reqId: string): SpanLine[] =>
  lines.filter((line): line is SpanLine => line.type === 'span' && line.req_id === reqId);

export const ownSpansOf = (lines: readonly MirrorLine[], reqId: string): SpanLine[] =>
  spansOf(lines, reqId).filter(({ service }) => service === 'throughline');

/** A request that met every phase, each once. */
export const ALL_PHASES = {
  http_ingress: 1,
  backend_submission: 1,
  backend_io: 1,
  client_egress: 1,
  usage_summary: 1,
};

/** How often each phase's span stands in the mirror, in the order of the phases. */
export const phaseCounts = (lines: readonly MirrorLine[], reqId: string): Partial<Record<Phase, number>> => {
  const names = ownSpansOf(lines, reqId).map(({ name }) => name);
  const counts = PHASES.map((phase) => [phase, names.filter((name) => name === phase).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

export const kindsOf = (lines: readonly MirrorLine[], reqId: string): string[] =>
  eventsOf(lines, reqId).map(({ kind, name }) => kind ?? name ?? '');
