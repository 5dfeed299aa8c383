import { GatewayError } from '../../src/errors.ts';
import type { Settlement } from '../../src/gateway/ports.ts';
import type { UsageFacts } from '../../src/usage/usage-record.ts';
import { createUsageSummary } from '../../src/usage/usage-summary.ts';
import { aUsage, createFakeExchange } from '../support/fake-exchange.ts';
import { payloadsOf } from '../support/fake-span.ts';

const completed: Settlement = {
  outcome: 'completed',
  status: 200,
  error: null,
  usage: aUsage,
  usageComplete: true,
  firstTokenNs: 3_000_000n,
  finishReason: 'stop',
};

const failed = (
  code: ConstructorParameters<typeof GatewayError>[0],
  more: Partial<Settlement> = {},
): Settlement => {
  const error = new GatewayError(code, 'It failed.');
  return { ...completed, status: error.status, outcome: error.outcome, error, usageComplete: false, ...more };
};

const summarize = (settlement: Settlement, { headSent = true } = {}) => {
  const records: UsageFacts[] = [];
  const exchange = createFakeExchange({ clock: { ns: 8_500_000n } });
  exchange.facts.keyName = 'alice';
  if (headSent) exchange.client.head(settlement.status, {});
  createUsageSummary({ append: (record) => void records.push(record) }, (model) => model)(
    exchange,
    settlement,
  );
  const span = exchange.trace.phases.get('usage_summary');
  const [record] = records;
  if (!span || !record || records.length > 1) throw new Error('no span, or not one record');
  return { span, record, exchange };
};

test('a completed turn is summed up with the provider’s own numbers', () => {
  const { record, span } = summarize(completed);
  expect(record).toEqual({
    time_ns: '8500000',
    req_id: 'req_1',
    trace_id: span.traceId,
    span_id: span.spanId,
    route: '/v1/chat/completions',
    method: 'POST',
    mode: 'chat_stream',
    status_code: 200,
    outcome: 'completed',
    error_code: null,
    model: 'echo',
    response_model: null,
    backend: null,
    key_name: 'alice',
    usage_source: 'provider',
    usage: aUsage,
    duration_ms: 8.5,
    first_token_ms: 3,
    queue_ms: null,
    connect_ms: null,
    head_ms: null,
    upstream_ms: null,
    overhead_ms: null,
    bytes_out: 0,
  });
});

test('the span has the numbers by the names of the conventions, and says the same', () => {
  const { span } = summarize(completed);
  expect(span.attributes).toEqual({
    outcome: 'completed',
    'throughline.usage_source': 'provider',
    'gen_ai.usage.input_tokens': 10,
    'gen_ai.usage.cache_read.input_tokens': 4,
    'gen_ai.usage.cache_creation.input_tokens': 3,
    'gen_ai.usage.output_tokens': 6,
    'gen_ai.usage.reasoning.output_tokens': 2,
  });
  expect(payloadsOf(span, 'usage')).toEqual([
    { outcome: 'completed', usage_source: 'provider', usage: aUsage, error_code: null },
  ]);
  expect(span.events).toMatchObject([{ statusCode: 200 }]);
  expect(span.ended).toBe(true);
});

test('what was counted before a turn was cut off is partial', () => {
  const { record } = summarize(failed('client_disconnected'));
  expect(record).toMatchObject({
    usage_source: 'partial',
    usage: aUsage,
    status_code: 499,
    response_model: null,
  });
});

test('without numbers the usage is missing, and none is invented', () => {
  const { record, span } = summarize(failed('invalid_json', { usage: null, firstTokenNs: null }));
  expect(record).toMatchObject({ usage_source: 'missing', usage: null, first_token_ms: null });
  expect(Object.keys(span.attributes).filter((name) => name.startsWith('gen_ai'))).toEqual([]);
});

test.each([
  'internal_error',
  'backend_error',
  'backend_exited',
  'backend_overloaded',
  'backend_timeout',
] as const)('%s fails the SERVER span, also when its head was 200 already', (code) => {
  const { exchange } = summarize(failed(code, { status: 200 }));
  expect(exchange.trace.server.failure).toEqual({ type: code, message: 'It failed.' });
});

test.each([
  'invalid_json',
  'invalid_api_key',
  'route_not_found',
  'rate_limit_exceeded',
  'client_disconnected',
] as const)('%s leaves the SERVER span as it is', (code) => {
  expect(summarize(failed(code)).exchange.trace.server.failure).toBeNull();
});

test('an answer of a server with 4xx leaves it unset, whatever is behind it', () => {
  const { exchange } = summarize(failed('backend_error', { status: 401 }));
  expect(exchange.trace.server.failure).toBeNull();
});

test('the trace is settled last, with outcome and status', () => {
  expect(summarize(completed).exchange.trace.settled).toEqual([{ outcome: 'completed', sentStatus: 200 }]);
});

test('a status that was never sent is in the records alone', () => {
  const { exchange, record } = summarize(failed('client_disconnected'), { headSent: false });
  expect(record.status_code).toBe(499);
  expect(exchange.trace.settled).toEqual([{ outcome: 'client_disconnect', sentStatus: null }]);
});
