import { PHASES } from '../../src/telemetry/phases.ts';
import { chat, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { isBelow, isWhole, MODEL, one, SERVER, startTracedGateway } from './support/gateway.ts';
import { hostileSpan, SECRETS } from './support/hostile-span.ts';
import { findByTags, findRequest, findTrace, hasSpans, untilFound } from './support/jaeger-query.ts';
import { poll } from './support/poll.ts';
import { queryExemplars, queryMetric } from './support/prometheus.ts';
import { sendSpan } from './support/send-span.ts';
import { clientTraces } from './support/share.ts';
import { type Stack, startStack } from './support/stack.ts';

describe('a request, sent through the collector', () => {
  let stack: Stack;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    stack = await startStack();
    gateway = await startTracedGateway(stack.otlpUrl);
  });

  afterAll(async () => {
    await gateway?.remove();
    await stack?.stop();
  });

  const ask = (content: string, stream: boolean, headers: Record<string, string> = {}) =>
    chat(gateway.url, { model: MODEL, stream, messages: user(content) }, { headers });

  it.each([
    { what: 'streamed', stream: true, prompt: 'hello', outcome: 'completed', status: 200 },
    { what: 'plain', stream: false, prompt: 'hello', outcome: 'completed', status: 200 },
    { what: 'failing', stream: false, prompt: '/fail serverOverloaded', outcome: 'overloaded', status: 503 },
    {
      what: 'late failing',
      stream: true,
      prompt: '/say some words\n/fail serverOverloaded',
      outcome: 'overloaded',
      status: 200,
    },
  ])('finds a $what chat by its request id, with every phase below it', async (expected) => {
    const { reqId, status } = await ask(expected.prompt, expected.stream);
    expect(status).toBe(expected.status);
    const spans = await untilFound(stack.jaegerUrl, reqId, isWhole);
    const server = one(spans, SERVER);
    expect(server.attributes).toMatchObject({
      req_id: reqId,
      outcome: expected.outcome,
      'span.kind': 'server',
      'http.response.status_code': expected.status,
    });
    for (const phase of PHASES) {
      expect(one(spans, phase)).toMatchObject({
        parentSpanId: server.spanId,
        attributes: { phase, req_id: reqId },
      });
    }
    expect(server.attributes['error'] ?? false).toBe(expected.outcome !== 'completed');
  });

  it("shows the embedded app-server's spans below the call that caused them", async () => {
    const { reqId } = await ask('hello again', true);
    const spans = await untilFound(stack.jaegerUrl, reqId, isWhole);
    const call = one(spans, 'turn/start');
    expect(call.parentSpanId).toBe(one(spans, 'backend_submission').spanId);
    const theirs = spans.filter(({ service }) => service === 'throughline-app-server');
    const names = ['app_server.request', 'app_server.dispatch', 'app_server.turn', 'model_request'];
    for (const name of names) {
      const found = theirs.filter((span) => span.name === name && isBelow(span, call, spans));
      expect([name, found.length]).toEqual([name, 1]);
      expect(found[0]?.attributes['req_id']).toBe(reqId);
    }
  });

  it('finds a refused request, which has no backend to show', async () => {
    const { reqId, status } = await ask('hello', false, { 'content-type': 'text/plain' });
    expect(status).toBe(415);
    const spans = await untilFound(stack.jaegerUrl, reqId, hasSpans('http_ingress', 'usage_summary', SERVER));
    expect(one(spans, SERVER).attributes['outcome']).toBe('invalid_request');
    expect(hasSpans('backend_submission')(spans)).toBe(false);
  });

  it('gives nothing for a request id that nobody had', async () => {
    expect(await findRequest(stack.jaegerUrl, 'req_000000000000')).toEqual([]);
  });

  it('masks nothing in an ordinary request', async () => {
    const { reqId } = await ask('count the tokens of this key question', true);
    const spans = await untilFound(stack.jaegerUrl, reqId, isWhole);
    expect(JSON.stringify(spans)).not.toContain('****');
  });

  it('masks what a sender let through', async () => {
    const [trace] = clientTraces(`secrets ${Date.now()}`, 1);
    const traceId = trace?.traceId ?? '';
    await sendSpan(stack.otlpUrl, hostileSpan(traceId));
    const [span] = await poll('the span in Jaeger', async () => {
      const found = await findByTags(stack.jaegerUrl, { mark: traceId });
      return found.length > 0 && found;
    });
    expect(JSON.stringify(span)).not.toMatch(SECRETS);
    expect(span).toMatchObject({
      name: 'call ****',
      attributes: {
        note: 'the key is ****, said the client',
        database: 'at ****db:5432/app',
        query: 'GET /v1/models?page=2&****&sort=name',
        json: '{"user":"anna","****}',
        // Two patterns fit a bearer token, and they are tried in no order.
        list: expect.stringMatching(/^\["plain","it said (?:Bearer )?\*{4}"\]$/),
        'gen_ai.usage.output_tokens': 12,
        tags: '["one","two"]',
        'otel.status_description': expect.stringMatching(/^refused: (?:Bearer )?\*{4}$/),
        'otel.scope.name': 'scope of ****',
        'w3c.tracestate': 'vendor=****',
      },
    });
    expect(Object.keys(span?.attributes ?? {}).join(' ')).not.toContain('throughline.text');
    expect(span?.events).toMatchObject([{ event: 'heard ****' }]);
    const [made] = await poll('its metric in Prometheus', async () => {
      const query = 'throughline_span_calls_total{span_name=~"call .*"}';
      const samples = await queryMetric(stack.prometheusUrl, query);
      return samples.length > 0 && samples;
    });
    expect(made?.labels['route']).toMatch(/^\/v1\/\*+$/);
    expect(JSON.stringify(made)).not.toMatch(SECRETS);
  });

  it('counts it in Prometheus by route, mode and outcome', async () => {
    const labels = '{span_name="POST /v1/chat/completions",mode="chat_stream",outcome="completed"}';
    const { reqId } = await ask('count me', true);
    await untilFound(stack.jaegerUrl, reqId, isWhole);
    const [calls] = await poll('span metrics in Prometheus', async () => {
      const samples = await queryMetric(stack.prometheusUrl, `throughline_span_calls_total${labels}`);
      return (samples[0]?.value ?? 0) >= 1 && samples;
    });
    expect(calls?.labels).toMatchObject({ route: '/v1/chat/completions', span_kind: 'SPAN_KIND_SERVER' });
  });

  it('leads from a histogram in Prometheus to a trace in Jaeger', async () => {
    // An exemplar is shown for one interval only, so requests go on until Prometheus has caught one of them.
    const traceId = await poll('exemplars in Prometheus', async () => {
      await ask('an example', true);
      const name = 'throughline_span_duration_seconds_bucket{span_name="POST /v1/chat/completions"}';
      return (await queryExemplars(stack.prometheusUrl, name)).at(-1)?.['trace_id'];
    });
    await poll('its trace in Jaeger', async () => (await findTrace(stack.jaegerUrl, traceId)).length > 0);
  });

  it('measures the time to the first token, and makes no metric of ids, models or tools', async () => {
    const first = await poll('first-token time in Prometheus', async () => {
      const samples = await queryMetric(
        stack.prometheusUrl,
        'throughline_first_token_duration_seconds_count',
      );
      return samples.length > 0 && samples;
    });
    expect(first.map(({ labels }) => labels['span_name'])).toEqual(first.map(() => 'first_token'));
    const all = await queryMetric(stack.prometheusUrl, '{__name__=~"throughline_.*"}');
    const names = new Set(all.flatMap(({ labels }) => Object.keys(labels)));
    expect([...names].filter((name) => /req_id|model|tool|trace|thread|turn_id/.test(name))).toEqual([]);
  });
});
