import { createUsageLog } from '../../src/usage/usage-log.ts';
import { aUsage } from '../support/fake-exchange.ts';
import { builtIn } from '../support/sanitizer.ts';
import { complaints } from '../support/schemas.ts';

const record = {
  time_ns: '1795251600123456789',
  req_id: 'req_0123456789ab',
  trace_id: 'a'.repeat(32),
  span_id: 'b'.repeat(16),
  route: '/v1/chat/completions',
  method: 'POST',
  mode: 'chat_stream',
  status_code: 200,
  outcome: 'completed',
  error_code: null,
  model: 'echo',
  response_model: 'echo',
  backend: null,
  key_name: 'alice',
  usage_source: 'provider',
  usage: aUsage,
  duration_ms: 12.5,
  first_token_ms: null,
  queue_ms: null,
  connect_ms: null,
  head_ms: null,
  upstream_ms: null,
  overhead_ms: null,
  bytes_out: 300,
} as const;

const append = (more = {}): { line: string; parsed: Record<string, unknown> } => {
  const lines: string[] = [];
  createUsageLog({ write: (line) => lines.push(line) > 0 }, builtIn).append({ ...record, ...more });
  return { line: lines.join('\n'), parsed: JSON.parse(lines[0] ?? '') };
};

test('a record is one line of JSON, with its version and its time in microseconds', () => {
  const { line, parsed } = append();
  expect(line).not.toContain('\n');
  expect(parsed).toEqual({
    v: 1,
    ts: '2026-11-21T09:00:00.123456Z',
    phase: 'usage_summary',
    kind: 'usage',
    ...record,
  });
});

test('a record is found by its phase and its kind as they stand in the text of the line', () => {
  const { line } = append();
  expect(line).toContain('"phase":"usage_summary"');
  expect(line).toContain('"kind":"usage"');
});

test('no field of a request takes the place of the phase or the kind', () => {
  expect(append({ usage: null, model: '"phase":"other"' }).parsed).toMatchObject({
    phase: 'usage_summary',
    kind: 'usage',
  });
});

test('a record is what the schema says', () => {
  const refused = {
    usage: null,
    usage_source: 'missing',
    model: null,
    outcome: 'invalid_request',
    error_code: 'invalid_json',
  };
  expect(complaints('usage-record', [append().parsed, append(refused).parsed])).toEqual([]);
});

test('a record from before the tokens written to a cache were counted is still what the schema says', () => {
  const { cache_write_input_tokens: _, ...usage } = aUsage;
  expect(complaints('usage-record', [append({ usage }).parsed])).toEqual([]);
});

test('a secret in a field that the client fills is not written', () => {
  const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD';
  expect(append({ model: secret }).line).not.toContain('abcdefghijklmnop');
});

test('the token counts are no secrets', () => {
  expect(append().parsed['usage']).toEqual(aUsage);
});

test('a span id that looks like the number of a card is still the span id, and such a number elsewhere is redacted', () => {
  const card = '4111111111111111';
  const { parsed } = append({ span_id: card, model: `card ${card}` });
  expect(parsed['span_id']).toBe(card);
  expect(parsed['model']).not.toContain(card);
});
