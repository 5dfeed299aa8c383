import type { Exchange, NameModel, Settlement, Times } from '../gateway/ports.ts';
import { usageAttributes } from '../telemetry/semconv.ts';
import type { UsageLog } from './usage-log.ts';
import type { UsageRecord } from './usage-record.ts';

const usageSource = ({ usage, usageComplete }: Settlement): UsageRecord['usage_source'] => {
  if (!usage) return 'missing';
  return usageComplete ? 'provider' : 'partial';
};

/** By the conventions of HTTP a 4xx is no error of the server's; what fails behind a head of 200 is one. */
const isFailure = ({ status, outcome }: Settlement): boolean =>
  outcome !== 'client_disconnect' && (status < 400 || status >= 500);

const milliseconds = (fromNs: bigint, toNs: bigint | null): number | null =>
  toNs === null ? null : Number(toNs - fromNs) / 1e6;

const timesOf = ({ queueMs, connectMs, headMs, upstreamMs }: Times, durationMs: number) => ({
  duration_ms: durationMs,
  queue_ms: queueMs,
  connect_ms: connectMs,
  head_ms: headMs,
  upstream_ms: upstreamMs,
  overhead_ms: upstreamMs === null ? null : Math.max(0, durationMs - (queueMs ?? 0) - upstreamMs),
});

/** Phase 5: says on the trace, in the mirror and in the usage log how the request ended and what it used. */
export const createUsageSummary =
  (log: UsageLog, nameModel: NameModel) =>
  (exchange: Exchange, settlement: Settlement): void => {
    const { trace } = exchange;
    const span = trace.phase('usage_summary');
    const source = usageSource(settlement);
    const code = settlement.error?.code ?? null;
    const endNs = span.now();
    const times = timesOf(exchange.facts.times, milliseconds(exchange.receivedNs, endNs) ?? 0);
    span.set({
      outcome: settlement.outcome,
      'throughline.usage_source': source,
      'throughline.error.code': code ?? undefined,
      'throughline.error.cause_type':
        code === settlement.error?.causeType ? undefined : settlement.error?.causeType,
      'throughline.upstream_ms': times.upstream_ms ?? undefined,
      'throughline.overhead_ms': times.overhead_ms ?? undefined,
      ...(settlement.usage && usageAttributes(settlement.usage)),
    });
    span.event('usage', {
      statusCode: settlement.status,
      payload: {
        outcome: settlement.outcome,
        usage_source: source,
        usage: settlement.usage,
        error_code: code,
      },
    });
    log.append({
      time_ns: String(endNs),
      req_id: exchange.reqId,
      trace_id: trace.traceId,
      span_id: span.spanId,
      route: trace.scope.route,
      method: trace.scope.method,
      mode: trace.scope.mode,
      status_code: settlement.status,
      outcome: settlement.outcome,
      error_code: code,
      model: nameModel(exchange.facts.model),
      response_model: nameModel(exchange.facts.responseModel),
      backend: exchange.facts.backend,
      key_name: exchange.facts.keyName,
      usage_source: source,
      usage: settlement.usage,
      first_token_ms: milliseconds(exchange.receivedNs, settlement.firstTokenNs),
      ...times,
      bytes_out: exchange.client.bytesWritten,
    });
    if (code && isFailure(settlement)) trace.server.fail(code, settlement.error?.message);
    span.end();
    trace.settle(settlement.outcome, exchange.client.headOut ? settlement.status : null);
  };
