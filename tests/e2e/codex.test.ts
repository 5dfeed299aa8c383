import { rebuildSpans } from '../../src/replay/rebuild.ts';
import { otlpEventOf } from '../../src/telemetry/mirror/event.ts';
import { chat, clientTrace, streamedText, user } from '../support/chat.ts';
import { CODEX_MODEL, type CodexHome, createCodexHome } from '../support/codex.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { type ListeningServer, startListening } from '../support/listening.ts';
import { FINAL_TEXT, PLAIN_TEXT, PREAMBLE_TEXT } from '../support/model-scripts.ts';
import { createModelServer, type ModelServer } from '../support/model-server.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { descendantsOf, type ReceivedSpan } from '../support/otlp-spans.ts';

const MIN_SPANS = 20;

/** The real Codex app-server behind the gateway, its model a server of ours, all spans to one receiver. */
describe.each([
  { transport: 'stdio', network: 'pipe' },
  { transport: 'websocket', network: 'tcp' },
])('a request on the real Codex app-server over $transport', ({ transport, network }) => {
  let model: ModelServer;
  let receiver: OtlpReceiver;
  let home: CodexHome;
  let gateway: GatewayProcess;
  let listening: ListeningServer | undefined;
  const streamed = clientTrace('a');
  const plain = clientTrace('b');
  const answers = { streamed: '', plain: '', streamedId: '', plainId: '' };

  const spansOf = (trace: { traceId: string }) => receiver.byTrace(trace.traceId);
  const own = (trace: { traceId: string }) =>
    spansOf(trace).filter(({ service }) => service === 'throughline');
  const named = (trace: { traceId: string }, name: string): ReceivedSpan => {
    const found = own(trace).filter((span) => span.name === name);
    expect(found.map((span) => span.name)).toEqual([name]);
    return found[0] as ReceivedSpan;
  };

  /** Those that Codex made below our call, as far as they have come. */
  const ownSpansOfCodex = (trace: { traceId: string }): ReceivedSpan[] => {
    const call = own(trace).find(({ name }) => name === 'turn/start');
    const below = call ? descendantsOf(call, spansOf(trace)) : [];
    return below.filter(({ service }) => service !== 'throughline');
  };

  beforeAll(async () => {
    model = await createModelServer();
    receiver = await createOtlpReceiver();
    home = await createCodexHome({ modelUrl: model.url, otlpUrl: receiver.url });
    if (transport === 'websocket') listening = await startListening(home.argv, home.env);
    gateway = await startGateway({
      ...home.env,
      ...(listening ? { PROXY_APP_SERVER_URL: listening.url } : { PROXY_APP_SERVER_CMD: home.command }),
      PROXY_CODEX_WORKDIR: home.workdir,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    });
    const first = await chat(
      gateway.url,
      {
        model: CODEX_MODEL,
        stream: true,
        stream_options: { include_usage: true },
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'An earlier question' },
          { role: 'assistant', content: 'An earlier answer' },
          ...user('[[shell]]'),
        ],
      },
      { headers: { traceparent: streamed.header, tracestate: 'vendor=kept' } },
    );
    const second = await chat(
      gateway.url,
      { model: CODEX_MODEL, messages: user('plain') },
      { headers: { traceparent: plain.header } },
    );
    Object.assign(answers, {
      streamed: first.text,
      streamedId: first.reqId,
      plain: second.text,
      plainId: second.reqId,
    });
    // A Codex that exports by itself loses the spans that are open when its stdin is closed, and nobody can wait for them but who gets them.
    await receiver.waitFor(
      () => ownSpansOfCodex(streamed).length > MIN_SPANS && ownSpansOfCodex(plain).length > MIN_SPANS,
    );
    await gateway.stop();
    await listening?.stop();
  });

  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), receiver?.close(), model?.close()]);
  });

  it('gives the client the preamble and the final message, with a shell command between them', () => {
    expect(streamedText(answers.streamed)).toBe(`${PREAMBLE_TEXT}\n\n${FINAL_TEXT}`);
    expect(JSON.parse(answers.plain).choices[0].message.content).toBe(PLAIN_TEXT);
  });

  it('hands the system prompt and the earlier messages to the model', () => {
    const body = JSON.stringify(model.calls[0]?.body);
    expect(body).toContain('Be brief.');
    expect(body).toContain('An earlier question');
    expect(body).toContain('An earlier answer');
    expect(model.calls.length).toBe(3);
  });

  it.each([
    ['streamed', streamed],
    ['plain', plain],
  ])('puts the %s request into the one trace that the client began', (_, trace) => {
    const server = named(trace, 'POST /v1/chat/completions');
    expect(server).toMatchObject({ kind: 'SERVER', parentSpanId: trace.spanId, status: 'UNSET' });
    for (const phase of [
      'http_ingress',
      'backend_submission',
      'backend_io',
      'client_egress',
      'usage_summary',
    ]) {
      expect(named(trace, phase)).toMatchObject({ parentSpanId: server.spanId, attributes: { phase } });
    }
    const submission = named(trace, 'backend_submission').spanId;
    for (const method of ['thread/start', 'turn/start']) {
      expect(named(trace, method)).toMatchObject({
        kind: 'CLIENT',
        parentSpanId: submission,
        attributes: { 'rpc.system.name': 'jsonrpc', 'rpc.method': method, 'network.transport': network },
      });
    }
    expect(named(trace, 'backend_io').kind).toBe('CLIENT');
  });

  it('shows the command that Codex ran as a tool below backend_io', () => {
    expect(named(streamed, 'execute_tool shell')).toMatchObject({
      kind: 'INTERNAL',
      parentSpanId: named(streamed, 'backend_io').spanId,
    });
    expect(named(streamed, 'execute_tool shell').events.map(({ name }) => name)).toEqual([
      'tool_block',
      'tool_block',
      'tool_block',
    ]);
  });

  it.each([
    ['streamed', streamed],
    ['plain', plain],
  ])("has Codex's own spans of the %s request below our turn/start span", (_, trace) => {
    const codex = ownSpansOfCodex(trace);
    expect(codex.length).toBeGreaterThan(MIN_SPANS);
    expect(codex.some(({ name, kind }) => name === 'turn/start' && kind === 'SERVER')).toBe(true);
  });

  it('carries the trace and the request id on to the model call', () => {
    const [call] = model.calls;
    expect(call?.headers['traceparent']).toMatch(new RegExp(`^00-${streamed.traceId}-`));
    expect(call?.headers['tracestate']).toBe(`throughline=${answers.streamedId},vendor=kept`);
    expect(model.calls[2]?.headers['tracestate']).toBe(`throughline=${answers.plainId}`);
  });

  it('says the same request id, usage and outcome everywhere', async () => {
    const usage = {
      input_tokens: 320,
      cached_input_tokens: 168,
      cache_write_input_tokens: 30,
      output_tokens: 45,
      reasoning_output_tokens: 15,
      total_tokens: 365,
    };
    const http = JSON.parse(answers.streamed.split('\n\n').at(-3)?.slice('data: '.length) ?? '');
    expect(http.usage).toEqual({
      prompt_tokens: 320,
      completion_tokens: 45,
      total_tokens: 365,
      prompt_tokens_details: { cached_tokens: 168, cache_write_tokens: 30 },
      completion_tokens_details: { reasoning_tokens: 15 },
    });
    expect(named(streamed, 'usage_summary').attributes).toMatchObject({
      req_id: answers.streamedId,
      outcome: 'completed',
      'throughline.usage_source': 'provider',
      'gen_ai.usage.input_tokens': 320,
      'gen_ai.usage.cache_creation.input_tokens': 30,
      'gen_ai.usage.output_tokens': 45,
    });
    const record = (await gateway.usage()).find(({ req_id }) => req_id === answers.streamedId);
    expect(record).toMatchObject({
      trace_id: streamed.traceId,
      usage,
      usage_source: 'provider',
      outcome: 'completed',
    });
    const event = (await gateway.mirror()).find(
      (line) => line.type === 'event' && line.kind === 'usage' && line.req_id === answers.streamedId,
    );
    expect(event).toMatchObject({ payload: { usage, outcome: 'completed' } });
    expect(await gateway.accessLine(answers.streamedId)).toMatchObject({
      trace_id: streamed.traceId,
      span_id: named(streamed, 'POST /v1/chat/completions').spanId,
      outcome: 'completed',
      status_code: 200,
    });
  });

  it('puts the request id on every span that we make', () => {
    for (const span of [...own(streamed), ...own(plain)]) {
      expect([span.name, span.attributes['req_id']]).toEqual([
        span.name,
        span.traceId === streamed.traceId ? answers.streamedId : answers.plainId,
      ]);
    }
  });

  it('mirrors enough to rebuild the exported spans field by field', async () => {
    const rebuilt = rebuildSpans(await gateway.mirror(), otlpEventOf);
    const exported = receiver.batches
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ resource, scopeSpans = [] }) =>
        scopeSpans.flatMap(({ scope, spans = [] }) => spans.map((span) => ({ span, resource, scope }))),
      )
      .filter(({ span }) =>
        receiver.spans().some(({ spanId, service }) => spanId === span.spanId && service === 'throughline'),
      );
    expect(exported.length).toBeGreaterThan(20);
    const byId = new Map(rebuilt.map((entry) => [entry.span.spanId, entry]));
    for (const entry of exported) expect(byId.get(entry.span.spanId)).toEqual(entry);
  });

  it('ends by itself with exit code 0', async () => {
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  });
});
