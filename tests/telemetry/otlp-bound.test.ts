import { boundExport, boundSpan } from '../../src/telemetry/mirror/otlp-bound.ts';

const attribute = (index: number, value = 'x') => ({ key: `k${index}`, value: { stringValue: value } });
const attributes = (count: number) => Array.from({ length: count }, (_, index) => attribute(index));

test('a span of usual size stays what it is', () => {
  const span = {
    traceId: 'a'.repeat(32),
    name: 'turn',
    attributes: attributes(100),
    events: [{ name: 'e' }],
    links: [],
  };
  expect(boundSpan(span).span).toEqual(span);
});

test('of very many attributes the first are kept and the others are counted where OTLP counts them', () => {
  const { span } = boundSpan({
    droppedAttributesCount: 3,
    attributes: attributes(100_000),
    endTimeUnixNano: '1',
  }) as {
    span: { attributes: unknown[]; droppedAttributesCount: number; endTimeUnixNano: string };
  };
  expect(span.attributes.length).toBeLessThan(1_000);
  expect(span.droppedAttributesCount).toBe(3 + 100_000 - span.attributes.length);
  expect(span.endTimeUnixNano).toBe('1');
});

test('texts together are bounded, and what stands behind a long one is whole', () => {
  const { span, work } = boundSpan({
    attributes: Array.from({ length: 50 }, (_, index) => attribute(index, 'x'.repeat(1_000_000))),
    events: [{ timeUnixNano: '1700000000000000000' }],
    traceId: 'a'.repeat(32),
  });
  expect(JSON.stringify(span).length).toBeLessThan(64 * 1024);
  expect(span).toMatchObject({ traceId: 'a'.repeat(32), events: [{ timeUnixNano: '1700000000000000000' }] });
  expect(work).toBeLessThan(5_000);
});

test('resources and scopes of an export are bounded together', () => {
  const scopeSpans = Array.from({ length: 100 }, () => ({
    scope: { attributes: attributes(1_000) },
    spans: [1],
  }));
  const resourceSpans = Array.from({ length: 2 }, () => ({
    resource: { attributes: attributes(1_000) },
    scopeSpans,
  }));
  const bounded = boundExport({ resourceSpans });
  expect(JSON.stringify(bounded).length).toBeLessThan(256 * 1024);
  expect(bounded).toMatchObject({
    resourceSpans: [{ scopeSpans: scopeSpans.map(() => ({ spans: [1] })) }, {}],
  });
});

test.each([[null], ['x'], [{ resourceSpans: 5 }], [{ resourceSpans: [null, 5] }]])(
  '%j is left to the parser',
  (sent) => {
    expect(boundExport(sent)).toEqual(sent);
  },
);

test('an export with more in it than any exporter sends is none', () => {
  const many = (count: number) => Array.from({ length: count }, () => ({}));
  expect(() => boundExport({ resourceSpans: many(257) })).toThrow('a list of 257');
  expect(() => boundExport({ resourceSpans: [{ scopeSpans: many(257) }] })).toThrow('a list of 257');
  const spans = { resourceSpans: [{ scopeSpans: [{ spans: many(10_001) }] }] };
  expect(() => boundExport(spans)).toThrow('a list of 10001');
});
