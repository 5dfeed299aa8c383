import { chat, clientTrace, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, runCli } from '../support/gateway.ts';
import { named, outline, spansOf, useChain } from '../support/gateway-chain.ts';
import { sendJson, streamPart, streamWords, UPSTREAM_MODEL } from '../support/upstream-server.ts';

const settledAt = (gateway: GatewayProcess, reqId: string) => gateway.usageOf(reqId);

describe('a request through two gateways to a model server', () => {
  const chain = useChain({});
  const modes = [
    ['streamed', true, 'a'],
    ['plain', false, 'b'],
  ] as const;

  it.each(modes)(
    '%s: it has one trace and one id at every hop, each the parent of the next',
    async (what, stream, digit) => {
      const { model, near, far } = chain;
      const client = clientTrace(digit);
      const reqId = `chain-${what}`;
      const got = await chat(
        near.url,
        { model: UPSTREAM_MODEL, stream, messages: user('hi') },
        { headers: { 'x-request-id': reqId, traceparent: client.header } },
      );
      expect([got.status, got.reqId, got.headers.get('x-trace-id')]).toEqual([200, reqId, client.traceId]);
      expect(stream ? streamedText(got.text) : JSON.parse(got.text).choices[0].message.content).toBe('Hello');
      const [nearUsage, farUsage] = [await settledAt(near, reqId), await settledAt(far, reqId)];
      for (const usage of [nearUsage, farUsage]) {
        expect(usage).toHaveLength(1);
        expect(usage[0]).toMatchObject({
          trace_id: client.traceId,
          outcome: 'completed',
          backend: 'upstream',
          usage_source: 'provider',
          usage: { input_tokens: 50, output_tokens: 9, cached_input_tokens: 30, reasoning_output_tokens: 4 },
        });
      }
      const nearSpans = spansOf(
        await near.waitForMirror(
          (lines) => spansOf(lines, reqId).some(({ span_kind }) => span_kind === 'SERVER') && lines,
        ),
        reqId,
      );
      const farSpans = spansOf(
        await far.waitForMirror(
          (lines) => spansOf(lines, reqId).some(({ span_kind }) => span_kind === 'SERVER') && lines,
        ),
        reqId,
      );
      const server = 'POST /v1/chat/completions';
      expect(named(nearSpans, server)).toMatchObject({
        trace_id: client.traceId,
        parent_span_id: client.spanId,
      });
      const call = named(nearSpans, 'POST');
      expect(call).toMatchObject({
        parent_span_id: named(nearSpans, 'backend_submission').span_id,
        span_kind: 'CLIENT',
      });
      expect(named(farSpans, server)).toMatchObject({
        trace_id: client.traceId,
        parent_span_id: call.span_id,
      });
      for (const spans of [nearSpans, farSpans]) {
        for (const phase of [
          'http_ingress',
          'backend_submission',
          'backend_io',
          'client_egress',
          'usage_summary',
        ])
          expect(named(spans, phase).parent_span_id).toBe(named(spans, server).span_id);
        expect(named(spans, 'backend_io').span_kind).toBe('CLIENT');
      }
      const sent = model.calls.at(-1);
      expect(sent?.headers).toMatchObject({
        'x-request-id': reqId,
        traceparent: `00-${client.traceId}-${named(farSpans, 'POST').span_id}-01`,
        'x-upstream-service': 'throughline',
      });
      expect(sent?.headers['tracestate']).toContain(`throughline=${reqId}`);
      for (const [gateway, service] of [
        [near, 'near'],
        [far, 'far'],
      ] as const)
        expect(await gateway.accessLine(reqId)).toMatchObject({
          service,
          trace_id: client.traceId,
          outcome: 'completed',
        });
    },
  );

  it('is one timeline, made of the files of both gateways', async () => {
    const { near, far } = chain;
    const files = [near, far].flatMap(({ cwd }) => [
      '--proto-log',
      `${cwd}/.throughline/proto.ndjson`,
      '--usage-log',
      `${cwd}/.throughline/usage.ndjson`,
    ]);
    const shown = await runCli(['trace', 'chain-streamed', ...files], { cwd: near.cwd });
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^ {2}services +near → far$/m);
    const printed = await runCli(['trace', 'chain-streamed', '--json', ...files], { cwd: near.cwd });
    expect(printed).toMatchObject({ code: 0, stderr: '' });
    const { attempts, spans, entries, notes } = JSON.parse(printed.stdout);
    expect(attempts).toMatchObject([{ services: ['near', 'far'], outcome: 'completed', ended: true }]);
    expect(spans).toMatchObject([{ children: { length: 5 } }]);
    expect(outline(spans)).toEqual([
      'near POST /v1/chat/completions',
      '  near http_ingress',
      '  near backend_submission',
      '    near POST',
      '      far POST /v1/chat/completions',
      '        far http_ingress',
      '        far backend_submission',
      '          far POST',
      '        far backend_io',
      '        far client_egress',
      '        far usage_summary',
      '  near backend_io',
      '  near client_egress',
      '  near usage_summary',
    ]);
    const times = entries.map(({ time_ns }: { time_ns: string }) => BigInt(time_ns));
    expect(times).toEqual(times.toSorted((a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0)));
    const records = entries.filter(({ source }: { source: string }) => source === 'usage');
    // Either may have settled first: the near one has all of the answer when it has read the last frame.
    expect(records.map(({ service }: { service: string }) => service).sort()).toEqual(['far', 'near']);
    expect(notes).toEqual([]);
  });
});

describe('a request through two gateways that fails at the far end', () => {
  const failure = {
    error: { message: 'no such thing', type: 'invalid_request_error', param: 'n', code: 'bad_n' },
  };
  const chain = useChain({}, sendJson(400, failure));

  it('keeps status, body and the first cause, and each gateway adds itself', async () => {
    const { near, far } = chain;
    const got = await chat(
      near.url,
      { model: UPSTREAM_MODEL, messages: user('hi') },
      { headers: { 'x-request-id': 'chain-failed' } },
    );
    expect([got.status, got.reqId]).toEqual([400, 'chain-failed']);
    const { error } = JSON.parse(got.text);
    expect(error).toMatchObject({
      ...failure.error,
      request_id: 'chain-failed',
      service: 'far',
      timestamp: expect.any(String),
    });
    expect(error.hops).toMatchObject([{ service: 'near', request_id: 'chain-failed' }]);
    for (const gateway of [near, far])
      expect(await settledAt(gateway, 'chain-failed')).toMatchObject([
        { status_code: 400, outcome: 'invalid_request' },
      ]);
  });
});

describe('a request through two gateways whose model server is busy once', () => {
  const chain = useChain(
    {},
    sendJson(503, { error: { message: 'busy' } }, { 'retry-after': '0' }),
    streamWords('Hi'),
  );

  it('is sent again by the gateway next to it, and both attempts are in the trace', async () => {
    const { near, far, model } = chain;
    const got = await chat(
      near.url,
      { model: UPSTREAM_MODEL, stream: true, messages: user('hi') },
      { headers: { 'x-request-id': 'chain-retried' } },
    );
    expect([got.status, streamedText(got.text)]).toEqual([200, 'Hi']);
    expect(model.calls).toHaveLength(2);
    await settledAt(far, 'chain-retried');
    const lines = await far.waitForMirror(
      (all) => spansOf(all, 'chain-retried').some(({ span_kind }) => span_kind === 'SERVER') && all,
    );
    const attempts = spansOf(lines, 'chain-retried').filter(({ name }) => name === 'POST');
    expect(attempts).toHaveLength(2);
    const submission = named(spansOf(lines, 'chain-retried'), 'backend_submission').span_id;
    expect(attempts.map(({ parent_span_id }) => parent_span_id)).toEqual([submission, submission]);
    expect(await settledAt(near, 'chain-retried')).toMatchObject([{ outcome: 'completed' }]);
  });
});

describe('a client that leaves a stream through two gateways', () => {
  const chain = useChain({}, streamPart('Hel', 'hang'));

  it('frees the model server, and is noticed at every hop', async () => {
    const { near, far, model } = chain;
    const controller = new AbortController();
    const response = await fetch(`${near.url}/v1/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json', 'x-request-id': 'chain-left' },
      body: JSON.stringify({ model: UPSTREAM_MODEL, stream: true, messages: user('hi') }),
    });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    await model.calls[0]?.over;
    for (const gateway of [near, far])
      expect(await settledAt(gateway, 'chain-left')).toMatchObject([{ outcome: 'client_disconnect' }]);
  });
});

describe('a stream through two gateways whose model server breaks off', () => {
  const chain = useChain({}, streamPart('Hel', 'cut'));

  it('ends with an error event of the gateway next to it, which the other passes on', async () => {
    const { near, far } = chain;
    const got = await chat(
      near.url,
      { model: UPSTREAM_MODEL, stream: true, messages: user('hi') },
      { headers: { 'x-request-id': 'chain-cut' } },
    );
    expect(got.text).toContain('"Hel"');
    expect(got.text).toMatch(/"error":\{[^\n]*"request_id":"chain-cut"/);
    expect(got.text).not.toContain('[DONE]');
    for (const gateway of [near, far])
      expect(await settledAt(gateway, 'chain-cut')).toMatchObject([
        { outcome: 'backend_error', status_code: 200 },
      ]);
  });
});
