import { rebuildSpans } from '../../src/replay/rebuild.ts';
import { otlpEventOf } from '../../src/telemetry/mirror/event.ts';
import { post, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { createUpstreamServer, UPSTREAM_MODEL, type UpstreamServer } from '../support/upstream-server.ts';

let receiver: OtlpReceiver;
let upstream: UpstreamServer;
let gateway: GatewayProcess | undefined;

beforeAll(async () => {
  receiver = await createOtlpReceiver();
  upstream = await createUpstreamServer();
});
afterEach(async () => {
  await gateway?.remove();
  gateway = undefined;
  receiver.reset();
});
afterAll(async () => {
  await receiver?.close();
  await upstream?.close();
});

/** The spans that the gateway itself exported, as they were sent. */
const exportedSpans = () =>
  receiver.batches
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ resource, scopeSpans = [] }) =>
      scopeSpans.flatMap(({ scope, spans = [] }) => spans.map((span) => ({ span, resource, scope }))),
    )
    .filter(({ span }) =>
      receiver.spans().some(({ spanId, service }) => spanId === span.spanId && service === 'throughline'),
    );

const LIMITS = {
  OTEL_SPAN_EVENT_COUNT_LIMIT: '40',
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '12',
  OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '20',
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '4',
  OTEL_SPAN_LINK_COUNT_LIMIT: '1',
};

const BACKENDS = [
  ['the embedded app-server', () => ({}), 'throughline-echo'],
  ['an HTTP server', () => ({ PROXY_UPSTREAM_URL: upstream.url }), UPSTREAM_MODEL],
] as const;

const SETTINGS = [
  ['full', {}],
  ['metadata', {}],
  ['off', {}],
  ['full', LIMITS],
  ['full', { OTEL_SPAN_EVENT_COUNT_LIMIT: '0' }],
] as const;

describe.each(BACKENDS)('with %s', (_, backend, model) => {
  test.each(SETTINGS)(
    'the mirror rebuilds what is exported, field by field, at %s with %j',
    async (capture, env) => {
      gateway = await startGateway({
        ...{ PROXY_CAPTURE: capture, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...backend(), ...env },
      });
      const url = `${gateway.url}/v1/chat/completions`;
      const words = Array.from({ length: 150 }, (_one, index) => `word${index}`).join(' ');
      const body = { model, messages: user(`${words} password: hunter2hunter2`) };
      const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'a=b,=' };
      for (const stream of [true, false]) await (await post(url, { ...body, stream }, { headers })).text();
      await post(url, { nothing: true }).then((response) => response.text());
      await gateway.stop();
      const rebuilt = rebuildSpans(await gateway.mirror(), otlpEventOf);
      const byId = new Map(rebuilt.map((entry) => [entry.span.spanId, entry]));
      const exported = exportedSpans();
      expect(exported.length).toBeGreaterThan(14);
      for (const entry of exported) expect(byId.get(entry.span.spanId)).toEqual(entry);
      expect(JSON.stringify(exported)).not.toContain('hunter2hunter2');
    },
  );
});
