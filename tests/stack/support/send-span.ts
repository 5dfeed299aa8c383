import type { OtlpAttribute, OtlpSpan, OtlpValue } from '../../support/otlp-spans.ts';

export type SentValues = Record<string, string | OtlpValue>;

export type SentSpan = Pick<OtlpSpan, 'traceId' | 'spanId' | 'name' | 'status' | 'traceState'> & {
  attributes?: SentValues;
  events?: { name: string; attributes?: SentValues }[];
  scope?: string;
  durationMs?: number;
};

export const attributesOf = (values: SentValues): OtlpAttribute[] =>
  Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : value,
  }));

/** A span that no gateway made, straight to the collector: for what the gateway itself would never let through. */
export const sendSpan = async (otlpUrl: string, sent: SentSpan): Promise<void> => {
  const { attributes = {}, events = [], scope = 'test', durationMs = 1, ...rest } = sent;
  const end = BigInt(Date.now()) * 1_000_000n;
  const span: OtlpSpan = {
    ...rest,
    kind: 1,
    startTimeUnixNano: String(end - BigInt(durationMs) * 1_000_000n),
    endTimeUnixNano: String(end),
    attributes: attributesOf(attributes),
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: String(end),
      attributes: attributesOf(event.attributes ?? {}),
    })),
  };
  const resource = { attributes: attributesOf({ 'service.name': 'throughline' }) };
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ resource, scopeSpans: [{ scope: { name: scope }, spans: [span] }] }],
    }),
  });
  if (!response.ok) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
};
