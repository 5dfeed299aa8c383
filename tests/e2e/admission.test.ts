import { chat, post, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ownSpansOf, phaseCounts } from '../support/records.ts';

const MODEL = 'throughline-echo';
const REFUSED = { http_ingress: 1, client_egress: 1, usage_summary: 1 };
const key = (name: string) => ({ authorization: `Bearer test-key-${name}` });

describe('a gateway whose places are taken', () => {
  let gateway: GatewayProcess;
  const controllers: AbortController[] = [];
  beforeAll(async () => {
    gateway = await startGateway({
      PROXY_API_KEYS: 'alice:test-key-alice,bob:test-key-bob,carol:test-key-carol',
      PROXY_MAX_CONCURRENCY: '2',
      PROXY_SSE_MAX_CONCURRENCY: '2',
      PROXY_QUEUE_MAX: '1',
      PROXY_QUEUE_WAIT_MS: '150',
    });
  });
  afterAll(() => gateway?.remove());

  const ask = (name: string, content: string, more: object = {}) =>
    chat(gateway.url, { model: MODEL, messages: user(content), ...more }, { headers: key(name) });

  const hold = async (name: string): Promise<() => Promise<void>> => {
    const controller = new AbortController();
    controllers.push(controller);
    const response = await post(
      `${gateway.url}/v1/chat/completions`,
      { model: MODEL, stream: true, messages: user('/stall') },
      { headers: key(name), signal: controller.signal },
    );
    const reqId = response.headers.get('x-request-id') ?? '';
    return async () => {
      controller.abort();
      await gateway.accessLine(reqId);
    };
  };

  const expectRecords = async (reqId: string, outcome: string, code: string): Promise<void> => {
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    const lines = await gateway.mirror();
    expect(phaseCounts(lines, reqId)).toEqual(REFUSED);
    expect(await gateway.accessLine(reqId)).toMatchObject({ outcome, error_code: code });
    expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome, error_code: code }]);
    const ingress = ownSpansOf(lines, reqId).find(({ name }) => name === 'http_ingress');
    expect(ingress?.otlp.attributes).toContainEqual({
      key: 'throughline.error.code',
      value: { stringValue: code },
    });
    const keys = ingress?.otlp.attributes?.map((attribute) => attribute.key);
    expect(keys).toContain('throughline.queue_ms');
  };

  it('refuses a key that has used its share, and makes another wait no longer than it may', async () => {
    const release = [await hold('alice'), await hold('bob')];
    const greedy = await ask('alice', 'more');
    expect([greedy.status, greedy.headers.get('retry-after')]).toEqual([429, '1']);
    expect(JSON.parse(greedy.text).error.code).toBe('key_concurrency_exceeded');
    await expectRecords(greedy.reqId, 'rate_limited', 'key_concurrency_exceeded');

    const patient = await ask('carol', 'hello');
    expect([patient.status, patient.headers.get('retry-after')]).toEqual([503, '1']);
    expect(JSON.parse(patient.text).error.code).toBe('queue_timeout');
    await expectRecords(patient.reqId, 'overloaded', 'queue_timeout');

    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toMatchObject({
      status: 'ok',
      admission: { running: 2, streams: 2, waiting: 0 },
    });
    for (const free of release) await free();
    expect((await ask('carol', 'hello')).status).toBe(200);
    expect(await (await fetch(`${gateway.url}/healthz`)).json()).toMatchObject({
      open_requests: 0,
      admission: { running: 0, streams: 0, waiting: 0 },
    });
  });

  it('refuses what is wrong without a place, and does not let health checks wait', async () => {
    const release = [await hold('alice'), await hold('bob')];
    const wrong = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...key('carol'), 'content-type': 'application/json' },
      body: '{',
    });
    expect(wrong.status).toBe(400);
    expect((await fetch(`${gateway.url}/v1/nowhere`, { headers: key('carol') })).status).toBe(404);
    expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
    for (const free of release) await free();
  });
});

describe('a deadline of the client', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.remove());

  const ask = (content: string, deadline: string, more: object = {}) =>
    chat(
      gateway.url,
      { model: MODEL, messages: user(content), ...more },
      { headers: { 'x-request-timeout-ms': deadline } },
    );

  it('ends a request that is not answered by then, in words of its own', async () => {
    const { status, text, reqId } = await ask('/wait 60000', '150');
    expect(status).toBe(504);
    expect(JSON.parse(text).error).toMatchObject({
      code: 'request_deadline_exceeded',
      type: 'timeout_error',
      message: expect.stringContaining('150 ms'),
    });
    expect(await gateway.usageOf(reqId)).toMatchObject([
      { outcome: 'timeout', error_code: 'request_deadline_exceeded', status_code: 504 },
    ]);
    const server = await gateway.waitForMirror((lines) =>
      ownSpansOf(lines, reqId).find(({ span_kind }) => span_kind === 'SERVER'),
    );
    expect(server.otlp.attributes).toContainEqual({
      key: 'error.type',
      value: { stringValue: 'request_deadline_exceeded' },
    });
  });

  it('ends a stream that has begun with an error event', async () => {
    const { status, text, reqId } = await ask('/stall', '400', { stream: true });
    expect(status).toBe(200);
    expect(text).toMatch(/"code":"request_deadline_exceeded"[^\n]*\n\n$/);
    expect(await gateway.accessLine(reqId)).toMatchObject({ outcome: 'timeout', status_code: 200 });
  });

  it('that is none is refused, after a wrong key would have been', async () => {
    const { status, text } = await ask('hello', 'soon');
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatchObject({ code: 'invalid_value', param: 'x-request-timeout-ms' });
  });
});
