import { setImmediate as turn } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { startSpan } from '../../src/telemetry/span.ts';
import { collectGarbage } from '../support/live-heap.ts';
import { createTracedCore } from '../support/telemetry-core.ts';

/** A span of a request, the SDK's span behind it (weakly held), and the mirror's lines. */
const openSpan = () => {
  let behind: WeakRef<Span> | undefined;
  const { deps, lines } = createTracedCore({}, (span) => {
    behind ??= new WeakRef(span);
  });
  const scope = { reqId: 'req_1', route: '/v1/models', method: 'GET', mode: 'models' as const };
  const phase = 'backend_io' as const;
  const span = startSpan(deps, {
    name: phase,
    kind: 'CLIENT',
    parent: ROOT_CONTEXT,
    scope,
    phase,
    attributes: {},
  });
  return { span, lines, behind: () => behind?.deref() };
};

test('a span that has ended holds nothing of the SDK span, however long it is kept for what comes late', async () => {
  const { span, behind } = openSpan();
  span.event('rpc_notification', { payload: 'x'.repeat(10_000) });
  expect(behind()).toBeDefined();
  span.end();
  // A weak reference that was read lives until the end of the turn.
  await turn();
  collectGarbage();
  expect(behind()).toBeUndefined();
  expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
});

test('events and calls that come after the end still belong to the span', () => {
  const { span, lines } = openSpan();
  const before = span.carrier();
  span.end();
  span.set({ late: true });
  span.event('rpc_notification', { payload: 'late' });
  const child = span.child('turn/interrupt', 'CLIENT', {});
  child.end();

  expect(span.carrier()).toEqual(before);
  const [ended, late, interrupt] = lines;
  expect(ended).toMatchObject({ type: 'span', name: 'backend_io', span_id: span.spanId });
  expect(late).toMatchObject({ type: 'event', span_id: span.spanId, in_span: false, payload: 'late' });
  expect(interrupt).toMatchObject({
    type: 'span',
    name: 'turn/interrupt',
    trace_id: span.traceId,
    parent_span_id: span.spanId,
  });
});

test('a name, an attribute and a message that the backend made long are cut before they are looked at', () => {
  const { span, lines } = openSpan();
  const long = 'password: x '.repeat(100_000);
  const child = span.child(`execute_tool ${long}`, 'INTERNAL', { 'gen_ai.tool.call.id': long, list: [long] });
  child.fail('tool_error', long);
  child.end();
  const line = lines.find((one) => one.type === 'span');
  expect(JSON.stringify(line).length).toBeLessThan(32 * 1024);
  expect(line).toMatchObject({ name: expect.stringMatching(/^execute_tool .*characters not kept\]$/) });
});
