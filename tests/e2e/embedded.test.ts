import { chat, chunks, clientTrace, frames, post, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, runCli, startGateway } from '../support/gateway.ts';
import { ALL_PHASES, eventsOf, kindsOf, ownSpansOf, phaseCounts, spansOf } from '../support/records.ts';
import { complaints } from '../support/schemas.ts';

const MODEL = 'throughline-echo';

describe('the gateway as `npm start` gives it', () => {
  let gateway: GatewayProcess;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.remove());

  const ask = (content: string, more: object = {}, headers: Record<string, string> = {}) =>
    chat(gateway.url, { model: MODEL, messages: user(content), ...more }, { headers });

  it('streams words one by one, in the shape of the Chat Completions API', async () => {
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: MODEL,
      stream: true,
      messages: user('one two three four'),
    });
    const text = await response.text();
    const [first, ...rest] = frames(text);
    expect(chunks(text).filter(({ choices }) => choices[0]?.delta.content).length).toBeGreaterThan(3);
    expect(first).toMatchObject({
      object: 'chat.completion.chunk',
      choices: [{ delta: { role: 'assistant', content: '' } }],
    });
    expect(rest.at(-1)).toBe('[DONE]');
    expect(rest.at(-2)).toMatchObject({ choices: [{ delta: {}, finish_reason: 'stop' }] });
    expect(streamedText(text)).toContain('one two three four');
  });

  it('answers whole with usage that counts cached and reasoning tokens', async () => {
    const { status, text } = await ask('hello');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant' }, finish_reason: 'stop' }],
      usage: {
        prompt_tokens: expect.any(Number),
        prompt_tokens_details: { cached_tokens: expect.any(Number), cache_write_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: expect.any(Number) },
      },
    });
  });

  it('sends usage in a last chunk of its own only where the client asks for it', async () => {
    const asked = await ask('hello', { stream: true, stream_options: { include_usage: true } });
    const last = chunks(asked.text).at(-1);
    expect(last).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) } });
    expect(
      chunks(asked.text)
        .slice(0, -1)
        .every(({ usage }) => usage === null),
    ).toBe(true);
    const unasked = await ask('hello', { stream: true });
    expect(chunks(unasked.text).some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('lists the models of the backend', async () => {
    const response = await fetch(`${gateway.url}/v1/models`);
    expect(await response.json()).toMatchObject({
      object: 'list',
      data: [{ id: MODEL, object: 'model', created: expect.any(Number), owned_by: expect.any(String) }],
    });
    const reqId = response.headers.get('x-request-id') ?? '';
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    expect(phaseCounts(await gateway.mirror(), reqId)).toEqual({
      http_ingress: 1,
      backend_submission: 1,
      client_egress: 1,
      usage_summary: 1,
    });
  });

  it('answers /healthz with an id and without a phase or a usage record', async () => {
    const response = await fetch(`${gateway.url}/healthz`);
    expect(await response.json()).toMatchObject({ status: 'ok', backend: { ready: true } });
    const reqId = response.headers.get('x-request-id') ?? '';
    expect(reqId).toMatch(/^req_[0-9a-f]{12}$/);
    expect((await gateway.usage()).some((record) => record.req_id === reqId)).toBe(false);
  });

  it('prints the five phases and the spans of the app-server, with no collector running', async () => {
    const { reqId } = await ask('hello', { stream: true });
    await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).some(({ name }) => name === 'app_server.turn'),
    );
    const { code, stdout } = await runCli(['trace', '--req-id', reqId], { cwd: gateway.cwd });
    expect(code).toBe(0);
    for (const phase of Object.keys(ALL_PHASES)) expect(stdout).toContain(phase);
    for (const name of ['app_server.request', 'app_server.turn', 'run_turn']) expect(stdout).toContain(name);
  });

  it('says where it looked for a request that it does not find, and exits with 1', async () => {
    const { code, stdout, stderr } = await runCli(['trace', '--req-id', 'req_000000000000'], {
      cwd: gateway.cwd,
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('proto.ndjson');
  });

  it('takes a request id of the client, and keeps one that it must refuse', async () => {
    expect((await ask('hi', {}, { 'x-request-id': 'Client.id:1' })).reqId).toBe('Client.id:1');
    const { reqId } = await ask('hi', {}, { 'x-request-id': 'not an id' });
    expect(reqId).toMatch(/^req_[0-9a-f]{12}$/);
    const server = await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).find(
        ({ span_kind, service }) => span_kind === 'SERVER' && service === 'throughline',
      ),
    );
    expect(JSON.stringify(server.otlp.attributes)).toContain('not an id');
  });

  it('marks a request whose trace the client wants kept', async () => {
    const { reqId } = await ask('hi', {}, { 'x-trace-force': '1' });
    const server = await gateway.waitForMirror((lines) =>
      ownSpansOf(lines, reqId).find(({ span_kind }) => span_kind === 'SERVER'),
    );
    expect(server.otlp.attributes).toContainEqual({
      key: 'throughline.trace.forced',
      value: { boolValue: true },
    });
  });

  it('ignores an invalid traceparent, and says so on the trace', async () => {
    const { reqId } = await ask('hi', {}, { traceparent: '00-not-a-trace-01' });
    const warning = await gateway.waitForMirror((lines) =>
      eventsOf(lines, reqId).find(({ name }) => name === 'throughline.traceparent.invalid'),
    );
    expect(warning.trace_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps many turns at once apart: answers, traces and events', async () => {
    const digits = [...'123456789abcdef'];
    const all = await Promise.all(
      digits.map(async (digit) => {
        const trace = clientTrace(digit);
        const content = `my digit is ${digit.repeat(6)}`;
        return { trace, digit, ...(await ask(content, { stream: true }, { traceparent: trace.header })) };
      }),
    );
    for (const { text, digit } of all) expect(streamedText(text)).toContain(digit.repeat(6));
    await gateway.waitForMirror((lines) => all.every(({ reqId }) => phaseCounts(lines, reqId).usage_summary));
    const lines = await gateway.mirror();
    for (const { reqId, trace, digit } of all) {
      const events = eventsOf(lines, reqId);
      expect(new Set(events.map(({ trace_id }) => trace_id))).toEqual(new Set([trace.traceId]));
      const notifications = events
        .filter(({ kind }) => kind === 'rpc_notification')
        .map(({ payload }) => JSON.stringify(payload));
      expect(notifications.some((payload) => payload.includes(digit.repeat(6)))).toBe(true);
      const others = digits
        .filter((other) => other !== digit)
        .map((other) => `my digit is ${other.repeat(6)}`);
      expect(notifications.filter((payload) => others.some((other) => payload.includes(other)))).toEqual([]);
    }
  });

  it('interrupts the turn when the client leaves, and records what became of it', async () => {
    const controller = new AbortController();
    const response = await post(
      `${gateway.url}/v1/chat/completions`,
      { model: MODEL, stream: true, messages: user('/stall') },
      { signal: controller.signal },
    );
    const reqId = response.headers.get('x-request-id') ?? '';
    controller.abort();
    await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).some(({ name }) => name === 'thread/unsubscribe'),
    );
    const lines = await gateway.mirror();
    expect(spansOf(lines, reqId).map(({ name }) => name)).toContain('turn/interrupt');
    expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
    expect(kindsOf(lines, reqId)).not.toContain('client_sse_done');
    expect(await gateway.accessLine(reqId)).toMatchObject({ outcome: 'client_disconnect' });
    expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome: 'client_disconnect' }]);
  });

  it('ends an answer that fails before its first word with an HTTP status, later with an error event', async () => {
    const early = await ask('/fail serverOverloaded', { stream: true });
    expect(early.status).toBe(503);
    expect(JSON.parse(early.text).error).toMatchObject({
      code: 'backend_overloaded',
      request_id: early.reqId,
    });
    const late = await ask('/say some words first\n/fail serverOverloaded', { stream: true });
    expect(late.status).toBe(200);
    expect(frames(late.text).at(-1)).toMatchObject({
      error: { code: 'backend_overloaded', request_id: late.reqId },
    });
  });

  it('writes lines that fit the schemas in the repository', async () => {
    await gateway.stop();
    expect(complaints('mirror-line', await gateway.mirror())).toEqual([]);
    expect(complaints('usage-record', await gateway.usage())).toEqual([]);
    expect(
      complaints(
        'access-line',
        gateway.log.filter(({ kind }) => kind === 'access'),
      ),
    ).toEqual([]);
    const ids = gateway.log.filter(({ kind }) => kind === 'access').map(({ req_id }) => req_id);
    expect((await gateway.usage()).map(({ req_id }) => req_id)).toEqual(ids);
  });
});

describe('a gateway that is killed while a request hangs', () => {
  it('leaves everything up to that moment to be read', async () => {
    const gateway = await startGateway();
    try {
      const response = await post(`${gateway.url}/v1/chat/completions`, {
        model: MODEL,
        stream: true,
        messages: user('/say before the end\n/stall'),
      });
      const reqId = response.headers.get('x-request-id') ?? '';
      await gateway.waitForMirror(
        (lines) => kindsOf(lines, reqId).filter((kind) => kind === 'client_sse').length > 3,
      );
      await gateway.kill('SIGKILL');
      await response.text().catch(() => '');
      const { code, stdout } = await runCli(['trace', '--req-id', reqId], { cwd: gateway.cwd });
      expect(code).toBe(0);
      expect(stdout).toContain('client_sse');
      expect(stdout).toContain('before ');
      expect(stdout).toContain('no usage_summary');
    } finally {
      await gateway.remove();
    }
  });
});
