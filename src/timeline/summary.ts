import type { SpanLine } from '../telemetry/mirror/line.ts';
import { type Mode, OUTCOMES, type Outcome } from '../telemetry/phases.ts';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
} from '../telemetry/semconv.ts';
import type { UsageRecord } from '../usage/usage-record.ts';
import type { AttemptLines } from './attempts.ts';
import { isEventLine, isRequestSpan, isSpanLine, payloadField, plainAttributes } from './line-facts.ts';
import type { Attempt } from './model.ts';

type Facts = Pick<
  Attempt,
  | 'route'
  | 'method'
  | 'mode'
  | 'statusCode'
  | 'outcome'
  | 'errorCode'
  | 'durationMs'
  | 'model'
  | 'tokens'
  | 'tokenSource'
>;

const NOTHING: Facts = {
  route: null,
  method: null,
  mode: null,
  statusCode: null,
  outcome: null,
  errorCode: null,
  durationMs: null,
  model: null,
  tokens: null,
  tokenSource: null,
};

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const outcomeOf = (value: unknown): Outcome | null => OUTCOMES.find((outcome) => outcome === value) ?? null;

const fromUsage = (record: UsageRecord): Facts => ({
  route: record.route,
  method: record.method,
  mode: record.mode,
  statusCode: record.status_code,
  outcome: record.outcome,
  errorCode: record.error_code,
  durationMs: record.duration_ms,
  model: record.response_model ?? record.model,
  tokens: record.usage,
  tokenSource: record.usage_source,
});

const fromAccess = (line: NonNullable<AttemptLines['access']>): Partial<Facts> => ({
  route: line.route ?? null,
  method: line.method ?? null,
  mode: line.mode ?? null,
  statusCode: line.status_code ?? null,
  outcome: line.outcome ?? null,
  durationMs: line.duration_ms ?? null,
});

/** The usage event of the mirror says most of what the usage record says, for a time when that log is not at hand. */
const fromUsageEvent = ({ own }: AttemptLines): Partial<Facts> => {
  const event = own.filter(isEventLine).find(({ kind }) => kind === 'usage');
  if (!event) return {};
  return {
    statusCode: event.status_code ?? null,
    outcome: outcomeOf(payloadField(event.payload, 'outcome')),
    errorCode: text(payloadField(event.payload, 'error_code')),
    tokens: (payloadField(event.payload, 'usage') ?? null) as Facts['tokens'],
    tokenSource: text(payloadField(event.payload, 'usage_source')) as Facts['tokenSource'],
  };
};

const durationOf = (span: SpanLine): number =>
  Number(BigInt(span.otlp.endTimeUnixNano) - BigInt(span.otlp.startTimeUnixNano)) / 1e6;

const fromSpans = ({ own }: AttemptLines): Partial<Facts> => {
  const server = own.filter(isSpanLine).find(isRequestSpan);
  const named = own.filter(isEventLine).filter(({ route }) => route !== null);
  const attributes = server ? plainAttributes(server.otlp.attributes) : {};
  const status = attributes[ATTR_HTTP_RESPONSE_STATUS_CODE];
  // The mode is known only once the body has been read: the last event knows best.
  const last = named.at(-1);
  return {
    route: last?.route ?? text(attributes[ATTR_HTTP_ROUTE]),
    method: last?.method ?? text(attributes[ATTR_HTTP_REQUEST_METHOD]),
    statusCode: typeof status === 'number' ? status : null,
    mode: (last?.mode ?? null) as Mode | null,
    durationMs: server ? durationOf(server) : null,
  };
};

const prefer = (...sources: readonly Partial<Facts>[]): Facts => {
  const facts: Record<string, unknown> = { ...NOTHING };
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) facts[key] ??= value;
  }
  return facts as unknown as Facts;
};

/** What is known of an attempt as a whole: by its usage record, else its access line, else its spans and events. */
export const summarize = (attempt: AttemptLines): Facts =>
  prefer(
    attempt.usage ? fromUsage(attempt.usage) : {},
    attempt.access ? fromAccess(attempt.access) : {},
    fromUsageEvent(attempt),
    fromSpans(attempt),
  );
