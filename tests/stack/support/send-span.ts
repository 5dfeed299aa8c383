import type { OtlpAttribute } from '../../support/otlp-spans.ts';

export type SentSpan = {
  traceId: string;
  spanId: string;
  name: string;
  attributes?: Record<string, string>;
  durationMs?: number;
  status?: { code: number; message?: string };
};

const attributesOf = (values: Record<string, string>): OtlpAttribute[] =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** A span that no gateway made, straight to the collector: for what the gateway itself would never let through. */
export const sendSpan = async (otlpUrl: string, span: SentSpan): Promise<void> => {
  const { traceId, spanId, name, attributes = {}, durationMs = 1, status } = span;
  const end = BigInt(Date.now()) * 1_000_000n;
  const times = {
    startTimeUnixNano: String(end - BigInt(durationMs) * 1_000_000n),
    endTimeUnixNano: String(end),
  };
  const spans = [{ traceId, spanId, name, kind: 1, ...times, attributes: attributesOf(attributes), status }];
  const resource = { attributes: attributesOf({ 'service.name': 'throughline' }) };
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans }] }] }),
  });
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
};
