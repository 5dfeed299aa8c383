/** OTLP/JSON spans as plain data that a test can compare, and the tree that they form. */

export type OtlpValue = {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: OtlpValue[] };
  kvlistValue?: { values?: OtlpAttribute[] };
  bytesValue?: string;
};
export type OtlpAttribute = { key: string; value: OtlpValue };
export type OtlpEvent = { timeUnixNano: string | number; name: string; attributes?: OtlpAttribute[] };
export type OtlpSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  traceState?: string;
  flags?: number;
  name: string;
  kind: number;
  startTimeUnixNano: string | number;
  endTimeUnixNano: string | number;
  attributes?: OtlpAttribute[];
  events?: OtlpEvent[];
  links?: Record<string, unknown>[];
  status?: { code?: number; message?: string };
};
export type OtlpScope = { name?: string; version?: string };
export type ResourceSpans = {
  resource?: { attributes?: OtlpAttribute[] };
  scopeSpans?: { scope?: OtlpScope; spans?: OtlpSpan[] }[];
};

export type Attributes = Record<string, unknown>;
export type ReceivedSpan = {
  name: string;
  traceId: string;
  spanId: string;
  /** Undefined for a root. */
  parentSpanId: string | undefined;
  traceState: string;
  kind: 'UNSPECIFIED' | 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  status: 'UNSET' | 'OK' | 'ERROR';
  attributes: Attributes;
  events: { name: string; attributes: Attributes }[];
  resource: Attributes;
  service: string;
  scope: OtlpScope;
  /** The span as it was sent. */
  otlp: OtlpSpan;
};

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
const STATUSES = ['UNSET', 'OK', 'ERROR'] as const;

export function attributesOf(attributes: OtlpAttribute[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

/** OTLP/JSON writes a 64-bit integer as a string; a test wants the number. */
function plainValue(value: OtlpValue): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(plainValue);
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}

export function flattenSpans(batches: readonly ResourceSpans[]): ReceivedSpan[] {
  return batches.flatMap(({ resource, scopeSpans = [] }) => {
    const resourceAttributes = attributesOf(resource?.attributes);
    return scopeSpans.flatMap(({ scope = {}, spans = [] }) =>
      spans.map((span) => receivedSpan(span, resourceAttributes, scope)),
    );
  });
}

function receivedSpan(otlp: OtlpSpan, resource: Attributes, scope: OtlpScope): ReceivedSpan {
  return {
    name: otlp.name,
    traceId: otlp.traceId,
    spanId: otlp.spanId,
    // Rust's exporter writes an empty parent for a root, JavaScript's leaves it out.
    parentSpanId: otlp.parentSpanId || undefined,
    traceState: otlp.traceState ?? '',
    kind: KINDS[otlp.kind] ?? 'UNSPECIFIED',
    status: STATUSES[otlp.status?.code ?? 0] ?? 'UNSET',
    attributes: attributesOf(otlp.attributes),
    events: (otlp.events ?? []).map(({ name, attributes }) => ({
      name,
      attributes: attributesOf(attributes),
    })),
    resource,
    service: String(resource['service.name'] ?? ''),
    scope,
    otlp,
  };
}

export type SpanNode = { span: ReceivedSpan; children: SpanNode[] };

/** The trees of these spans, by start time. A span whose parent is not among them is a root here. */
export function buildTree(spans: readonly ReceivedSpan[]): SpanNode[] {
  const byStart = [...spans].sort((a, b) =>
    Number(BigInt(a.otlp.startTimeUnixNano) - BigInt(b.otlp.startTimeUnixNano)),
  );
  const nodes = new Map(byStart.map((span) => [span.spanId, { span, children: [] } as SpanNode]));
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = nodes.get(node.span.parentSpanId ?? '');
    (parent?.children ?? roots).push(node);
  }
  return roots;
}

/** Every span below this one. */
export function descendantsOf(span: ReceivedSpan, spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
  return children.flatMap((child) => [child, ...descendantsOf(child, spans)]);
}

/** The tree as indented lines, for a failure's message or a person. */
export function drawTree(nodes: readonly SpanNode[], indent = ''): string {
  return nodes
    .map(
      ({ span, children }) =>
        `${indent}${span.name} [${span.kind}] ${span.service}\n${drawTree(children, `${indent}  `)}`,
    )
    .join('');
}
