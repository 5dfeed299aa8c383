import type { EventLine, MirrorLine, OtlpKeyValue, SpanLine } from '../../src/telemetry/mirror/line.ts';
import { PHASES } from '../../src/telemetry/phases.ts';
import type { UsageRecord } from '../../src/usage/usage-record.ts';
import type { GatewayProcess, LogLine } from '../support/gateway.ts';
import { eventsOf, ownSpansOf } from '../support/records.ts';
import type { PhaseMarks } from './row.ts';

/** All that the gateway wrote down of one request. */
export interface Records {
  readonly spans: readonly SpanLine[];
  readonly events: readonly EventLine[];
  readonly usage: readonly UsageRecord[];
  readonly access: readonly LogLine[];
}

export const isServer = ({ span_kind }: SpanLine): boolean => span_kind === 'SERVER';

export const collect = (
  reqId: string,
  lines: readonly MirrorLine[],
  usage: readonly UsageRecord[],
  log: readonly LogLine[],
): Records => ({
  spans: ownSpansOf(lines, reqId),
  events: eventsOf(lines, reqId),
  usage: usage.filter(({ req_id }) => req_id === reqId),
  access: log.filter((line) => line['kind'] === 'access' && line['req_id'] === reqId),
});

/** Waits until the request is in every record, its SERVER span last of all. */
export const recordsOf = async (gateway: GatewayProcess, reqId: string): Promise<Records> => {
  await gateway.accessLine(reqId);
  const usage = await gateway.usageOf(reqId);
  const lines = await gateway.waitForMirror(
    (all) => ownSpansOf(all, reqId).some((span) => isServer(span)) && all,
  );
  return collect(reqId, lines, usage, gateway.log);
};

/** The value of a span's attribute, numbers as numbers. */
export const attribute = ({ otlp }: SpanLine, name: string): string | number | undefined => {
  const { value }: Partial<OtlpKeyValue> = otlp.attributes?.find(({ key }) => key === name) ?? {};
  return value?.stringValue ?? (value?.intValue === undefined ? undefined : Number(value.intValue));
};

/** Why the model stopped, by the span of phase 3. */
export const finishOf = ({ spans }: Records): string | undefined => {
  const io = spans.find(({ name }) => name === 'backend_io');
  const reasons = io?.otlp.attributes?.find(({ key }) => key === 'gen_ai.response.finish_reasons');
  return reasons?.value.arrayValue?.values[0]?.stringValue;
};

export const isFailed = ({ otlp }: SpanLine): boolean => otlp.status?.code === 2;

/** One mark for each phase. A phase that was begun and never ended has events and no span. */
export const marksOf = ({ spans, events }: Records): PhaseMarks => {
  const known = new Set(spans.map(({ span_id }) => span_id));
  return PHASES.map((phase) => {
    const span = spans.find(({ name }) => name === phase);
    if (span) return isFailed(span) ? '!' : '+';
    const open = events.some((event) => event.phase === phase && !known.has(event.span_id));
    return open ? '~' : '-';
  }).join('');
};
