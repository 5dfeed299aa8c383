import type { EventLine, MirrorLine, SpanLine, Truncated } from '../../src/telemetry/mirror/line.ts';
import { KINDS, type Kind, type Mode, PHASES, type Phase } from '../../src/telemetry/phases.ts';
import type { UsageRecord } from '../../src/usage/usage-record.ts';
import { at, attribute, id, TRACE_ID, timestamp } from './moments.ts';

const SPAN_KINDS = ['', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

export interface SpanSpec {
  readonly name: string;
  readonly id?: string;
  readonly parent?: string | null;
  /** The parent where it is a span of another gateway. */
  readonly caller?: string;
  readonly from: number;
  readonly to: number;
  readonly kind?: SpanLine['span_kind'];
  readonly service?: string;
  readonly reqId?: string | null;
  readonly traceId?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly error?: { readonly type: string; readonly message: string };
  readonly eventsKept?: number;
  readonly traceState?: string;
}

export interface EventSpec {
  readonly on: string;
  readonly kind: Kind;
  readonly ms: number;
  readonly payload?: unknown;
  readonly status?: number;
  readonly truncated?: Truncated;
  readonly direction?: 'inbound' | 'outbound';
  readonly phase?: Phase;
  readonly reqId?: string | null;
  readonly traceId?: string;
  readonly inSpan?: boolean;
}

/** Writes the lines of one gateway process, in the order of the calls. */
export const createMirrorBuilder = (
  request: {
    reqId?: string;
    route?: string;
    method?: string;
    mode?: Mode;
    firstSeq?: number;
    startMs?: number;
    service?: string;
    /** Ends the span ids of a second gateway, which would be those of the first. */
    suffix?: string;
    /** Of every span. */
    traceState?: string;
  } = {},
) => {
  const {
    reqId = 'req_5d2c1f0a9b3e',
    route = '/v1/chat/completions',
    method = 'POST',
    mode = 'chat_stream',
  } = request;
  const { startMs = 0, service = 'throughline', suffix = '' } = request;
  const lines: MirrorLine[] = [];
  let seq = request.firstSeq ?? 0;
  const head = (ns: bigint) => ({ v: 1, ts: timestamp(ns), time_ns: String(ns), seq: seq++ }) as const;

  const event = (spec: EventSpec): EventLine => {
    const place: { phase: Phase; direction: EventLine['direction'] } = KINDS[spec.kind];
    const { ts, time_ns, seq: number } = head(at(startMs + spec.ms));
    const line: EventLine = {
      v: 1,
      type: 'event',
      ts,
      time_ns,
      seq: number,
      req_id: spec.reqId === undefined ? reqId : spec.reqId,
      trace_id: spec.traceId ?? TRACE_ID,
      span_id: id(spec.on + suffix),
      phase: spec.phase ?? place.phase,
      kind: spec.kind,
      direction: spec.direction ?? place.direction,
      route,
      method,
      mode,
      ...(spec.status !== undefined && { status_code: spec.status }),
      ...(spec.payload !== undefined && { payload: spec.payload }),
      ...(spec.truncated && { truncated: spec.truncated }),
      in_span: spec.inSpan ?? true,
    };
    lines.push(line);
    return line;
  };

  const span = (spec: SpanSpec): SpanLine => {
    const phase = PHASES.find((name) => name === spec.name) ?? null;
    const isServer = spec.kind === 'SERVER' && spec.service === undefined;
    const kind = spec.kind ?? (spec.name === 'backend_io' ? 'CLIENT' : 'INTERNAL');
    const own = spec.reqId === undefined ? reqId : spec.reqId;
    const attributes = {
      ...(own !== null && { req_id: own }),
      ...(phase && { phase, route, method, mode }),
      ...(isServer && { route, method }),
      ...(spec.error && { 'error.type': spec.error.type }),
      ...spec.attributes,
    };
    const { ts, time_ns, seq: number } = head(at(startMs + spec.to));
    const above = spec.parent === undefined ? 'server' : spec.parent;
    const parent = spec.caller ?? (above === null ? null : above + suffix);
    const traceState = spec.traceState ?? request.traceState;
    const spanId = id((spec.id ?? spec.name) + suffix);
    const line: SpanLine = {
      v: 1,
      type: 'span',
      ts,
      time_ns,
      seq: number,
      req_id: own,
      trace_id: spec.traceId ?? TRACE_ID,
      span_id: spanId,
      phase,
      parent_span_id: parent === null ? null : id(parent),
      name: spec.name,
      span_kind: kind,
      service: spec.service ?? service,
      otlp: {
        traceId: spec.traceId ?? TRACE_ID,
        spanId,
        ...(parent !== null && { parentSpanId: id(parent) }),
        ...(traceState !== undefined && { traceState }),
        name: spec.name,
        kind: SPAN_KINDS.indexOf(kind),
        startTimeUnixNano: String(at(startMs + spec.from)),
        endTimeUnixNano: String(at(startMs + spec.to)),
        attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
        droppedEventsCount: 0,
        status: spec.error ? { code: 2, message: spec.error.message } : { code: 0 },
      },
      events_kept: spec.eventsKept ?? 0,
      resource: { attributes: [attribute('service.name', spec.service ?? service)] },
      scope: { name: 'throughline' },
    };
    lines.push(line);
    return line;
  };

  const usage = (spec: Partial<UsageRecord> & { ms: number }): UsageRecord => {
    const { ms, ...fields } = spec;
    const { ts, time_ns } = { ts: timestamp(at(startMs + ms)), time_ns: String(at(startMs + ms)) };
    return {
      v: 1,
      ts,
      time_ns,
      phase: 'usage_summary',
      kind: 'usage',
      req_id: reqId,
      trace_id: TRACE_ID,
      span_id: id(`usage_summary${suffix}`),
      route,
      method,
      mode,
      status_code: 200,
      outcome: 'completed',
      error_code: null,
      model: 'gpt-5.5',
      response_model: 'gpt-5.5',
      backend: null,
      key_name: null,
      usage_source: 'provider',
      usage: {
        input_tokens: 128,
        cached_input_tokens: 64,
        cache_write_input_tokens: 0,
        output_tokens: 42,
        reasoning_output_tokens: 10,
        total_tokens: 170,
      },
      duration_ms: ms,
      first_token_ms: null,
      queue_ms: null,
      connect_ms: null,
      head_ms: null,
      upstream_ms: null,
      overhead_ms: null,
      bytes_out: 2143,
      ...fields,
    };
  };

  const access = (ms: number, fields: Record<string, unknown> = {}) => ({
    level: 'info',
    time: timestamp(at(startMs + ms)).replace(/\d{3}Z$/, 'Z'),
    service: 'throughline',
    kind: 'access',
    req_id: reqId,
    trace_id: TRACE_ID,
    span_id: id(`server${suffix}`),
    method,
    route,
    mode,
    status_code: 200,
    outcome: 'completed',
    duration_ms: ms,
    msg: `${method} ${route} 200`,
    ...fields,
  });

  return { lines, event, span, usage, access, reqId };
};

export type MirrorBuilder = ReturnType<typeof createMirrorBuilder>;

export const toNdjson = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
