import { rebuildSpans } from '../../src/replay/rebuild.ts';
import type { EventLine, OtlpEvent } from '../../src/telemetry/mirror/line.ts';
import { createMirrorBuilder } from '../timeline/mirror-builder.ts';

const eventOf = (line: EventLine): OtlpEvent => ({ timeUnixNano: line.time_ns, name: line.kind ?? '' });

const exportedEvents = (build: (mirror: ReturnType<typeof createMirrorBuilder>) => void): unknown[] => {
  const mirror = createMirrorBuilder();
  build(mirror);
  return rebuildSpans(mirror.lines, eventOf).map(({ span }) => span.events?.map(({ name }) => name));
};

describe('rebuilding exported spans from the mirror', () => {
  it('gives each span line its own OTLP, resource and scope', () => {
    const mirror = createMirrorBuilder();
    const line = mirror.span({ name: 'http_ingress', from: 0, to: 1 });
    expect(rebuildSpans(mirror.lines, eventOf)).toEqual([
      { span: { ...line.otlp, events: [] }, resource: line.resource, scope: line.scope },
    ]);
  });

  it('puts the events of a span back on it, in the order of their numbers', () => {
    const spans = exportedEvents((mirror) => {
      mirror.event({ on: 'backend_io', kind: 'tool_block', ms: 2 });
      mirror.event({ on: 'client_egress', kind: 'client_sse', ms: 3 });
      mirror.event({ on: 'backend_io', kind: 'rpc_notification', ms: 1 });
      mirror.span({ name: 'backend_io', from: 0, to: 4, eventsKept: 2 });
      mirror.span({ name: 'client_egress', from: 0, to: 5, eventsKept: 1 });
    });
    expect(spans).toEqual([['tool_block', 'rpc_notification'], ['client_sse']]);
  });

  it('keeps the newest of more events than the SDK exported, and leaves out what stood in the mirror alone', () => {
    const spans = exportedEvents((mirror) => {
      mirror.event({ on: 'client_egress', kind: 'client_sse', ms: 1 });
      mirror.event({ on: 'client_egress', kind: 'keepalive', ms: 2 });
      mirror.event({ on: 'client_egress', kind: 'client_sse', ms: 3, inSpan: false });
      mirror.event({ on: 'client_egress', kind: 'client_sse_done', ms: 4 });
      mirror.span({ name: 'client_egress', from: 0, to: 5, eventsKept: 2 });
    });
    expect(spans).toEqual([['keepalive', 'client_sse_done']]);
  });

  it('exports no event of a span that kept none', () => {
    const spans = exportedEvents((mirror) => {
      mirror.event({ on: 'client_egress', kind: 'client_sse', ms: 1 });
      mirror.span({ name: 'client_egress', from: 0, to: 5, eventsKept: 0 });
    });
    expect(spans).toEqual([[]]);
  });

  it('prefers the exact OTLP event that a line carries', () => {
    const mirror = createMirrorBuilder();
    const line = mirror.event({ on: 'http_ingress', kind: 'client_request', ms: 1 });
    const otlp = { timeUnixNano: '1', name: 'cut by a limit', droppedAttributesCount: 3 };
    const span = mirror.span({ name: 'http_ingress', from: 0, to: 2, eventsKept: 1 });
    expect(rebuildSpans([{ ...line, otlp }, span], eventOf)[0]?.span.events).toEqual([otlp]);
  });

  it('rebuilds no span that never ended', () => {
    expect(
      exportedEvents((mirror) => mirror.event({ on: 'backend_io', kind: 'rpc_notification', ms: 1 })),
    ).toEqual([]);
  });
});
