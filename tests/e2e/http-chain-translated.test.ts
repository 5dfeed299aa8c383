import { clientTrace, post } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { named, spansOf } from '../support/gateway-chain.ts';
import { startRouted } from '../support/routed-gateway.ts';
import { createUpstreamServer, UPSTREAM_MODEL, type UpstreamServer } from '../support/upstream-server.ts';

/** client → gateway that translates → gateway → model server that has chat alone, each a process of its own. */
describe('a Responses request that the first of two gateways translates', () => {
  let model: UpstreamServer;
  let far: GatewayProcess;
  let near: GatewayProcess;
  beforeAll(async () => {
    model = await createUpstreamServer();
    far = await startGateway({ PROXY_UPSTREAM_URL: model.url, OTEL_SERVICE_NAME: 'far' });
    near = await startRouted(
      `backends:\n  far: { kind: http, url: "${far.url}/v1", trust: true, apis: [chat], metadata: true }\n`,
      { OTEL_SERVICE_NAME: 'near' },
    );
  });
  afterAll(async () => {
    await Promise.all([near?.remove(), far?.remove()]);
    await model?.close();
  });

  it.each([
    ['streamed', true, 'a'],
    ['plain', false, 'b'],
  ] as const)('%s: it has one trace and one id at every hop', async (what, stream, digit) => {
    const client = clientTrace(digit);
    const reqId = `translated-${what}`;
    const response = await post(
      `${near.url}/v1/responses`,
      { model: UPSTREAM_MODEL, input: 'hi', stream },
      { headers: { 'x-request-id': reqId, traceparent: client.header } },
    );
    expect([response.status, response.headers.get('x-request-id')]).toEqual([200, reqId]);
    expect(await response.text()).toContain(stream ? 'response.completed' : '"Hello"');
    const ended = (gateway: GatewayProcess) =>
      gateway.waitForMirror((lines) => {
        const spans = spansOf(lines, reqId);
        return spans.some(({ span_kind }) => span_kind === 'SERVER') && spans;
      });
    const [nearSpans, farSpans] = [await ended(near), await ended(far)];
    expect(named(nearSpans, 'POST /v1/responses')).toMatchObject({
      trace_id: client.traceId,
      parent_span_id: client.spanId,
    });
    expect(named(farSpans, 'POST /v1/chat/completions')).toMatchObject({
      trace_id: client.traceId,
      parent_span_id: named(nearSpans, 'POST').span_id,
    });
    const sent = model.calls.at(-1);
    expect(sent?.headers).toMatchObject({
      'x-request-id': reqId,
      traceparent: `00-${client.traceId}-${named(farSpans, 'POST').span_id}-01`,
    });
    expect(sent?.body['metadata']).toMatchObject({ request_id: reqId, source_service: 'throughline' });
    for (const gateway of [near, far]) {
      expect(await gateway.usageOf(reqId)).toMatchObject([
        { trace_id: client.traceId, outcome: 'completed', usage: { input_tokens: 50, output_tokens: 9 } },
      ]);
      expect(await gateway.accessLine(reqId)).toMatchObject({ trace_id: client.traceId });
    }
  });
});
