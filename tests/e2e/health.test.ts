import { backendPid } from '../support/backend-pid.ts';
import { chat, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { createUpstreamServer, UPSTREAM_MODEL } from '../support/upstream-server.ts';

describe('the probes', () => {
  let receiver: OtlpReceiver;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    receiver = await createOtlpReceiver();
    gateway = await startGateway({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  });
  afterAll(async () => {
    await gateway?.remove();
    await receiver?.close();
  });

  it.each(['/livez', '/readyz', '/healthz'])('%s takes GET and HEAD, and has an id', async (path) => {
    const got = await fetch(`${gateway.url}${path}`, { headers: { 'x-request-id': 'probe-1' } });
    expect([got.status, got.headers.get('x-request-id')]).toEqual([200, 'probe-1']);
    expect(await got.json()).toMatchObject({ status: 'ok' });
    const head = await fetch(`${gateway.url}${path}`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{12}$/);
    const posted = await fetch(`${gateway.url}${path}`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('say to people how the gateway is, and nothing that is secret', async () => {
    const text = await (await fetch(`${gateway.url}/healthz`)).text();
    expect(JSON.parse(text)).toMatchObject({
      status: 'ok',
      version: expect.any(String),
      backend: { ready: true, restarts: 0, workers: [{ state: 'ready', active_turns: 0 }] },
      open_requests: 0,
      admission: { running: 0, streams: 0, waiting: 0 },
    });
    expect(text).not.toMatch(/pid|command|http:|ws:|\//);
  });

  it.each(['/openapi.json', '/docs'])('%s is found by its ids, without phases', async (path) => {
    const response = await fetch(`${gateway.url}${path}`);
    const traceId = response.headers.get('x-trace-id');
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    const span = await gateway.waitForMirror((lines) =>
      lines.find((line) => line.type === 'span' && line.trace_id === traceId),
    );
    expect(span).toMatchObject({ req_id: response.headers.get('x-request-id'), name: `GET ${path}` });
  });

  it('leave no span, no line and no record, however they are asked', async () => {
    const before = { log: gateway.log.length };
    for (const path of ['/livez', '/readyz?verbose', '/healthz', '/%6civez'])
      for (const method of ['GET', 'HEAD', 'POST']) {
        const response = await fetch(`${gateway.url}${path}`, { method });
        expect([path, method, response.headers.get('x-trace-id')]).toEqual([path, method, null]);
        if (method === 'POST')
          expect(await response.json()).toEqual({
            error: expect.not.objectContaining({ trace_id: expect.anything() }),
          });
      }
    expect(gateway.log.slice(before.log)).toEqual([]);
    await gateway.stop();
    expect(await gateway.usage()).toEqual([]);
    const lines = await gateway.mirror();
    expect(lines.filter(({ phase }) => phase === 'http_ingress')).toEqual([]);
    const servers = lines.filter(
      (line) => line.type === 'span' && line.span_kind === 'SERVER' && line.service === 'throughline',
    );
    expect(servers.map((line) => 'name' in line && line.name).sort()).toEqual([
      'GET /docs',
      'GET /openapi.json',
    ]);
    const exported = receiver.spans().filter(({ name }) => /^(?:GET|HEAD|POST)/.test(name));
    expect(exported.map(({ name }) => name).sort()).toEqual(['GET /docs', 'GET /openapi.json']);
  });
});

describe('a gateway whose backend is away', () => {
  it('lives, is not ready and says no more than that, and is ready once the backend is back', async () => {
    const gateway = await startGateway();
    try {
      process.kill(await backendPid(gateway), 'SIGKILL');
      await gateway.waitForLog(({ msg }) => msg.startsWith('the backend ended'));
      const ready = await fetch(`${gateway.url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'unavailable', reason: 'backend_not_ready' },
      ]);
      expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
      await gateway.waitForLog(({ msg }) => msg.startsWith('the backend is ready again'));
      expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    } finally {
      await gateway.remove();
    }
  });
});

describe('a gateway whose server has gone', () => {
  it('is not ready, and does not say that it starts', async () => {
    const model = await createUpstreamServer();
    const gateway = await startGateway({ PROXY_UPSTREAM_URL: model.url });
    try {
      await model.close();
      expect((await chat(gateway.url, { model: UPSTREAM_MODEL, messages: user('hello') })).status).toBe(502);
      await gateway.waitForLog(({ msg }) => msg.includes('does not answer'));
      expect(await (await fetch(`${gateway.url}/readyz`)).json()).toEqual({
        status: 'unavailable',
        reason: 'backend_not_ready',
      });
    } finally {
      await gateway.remove();
    }
  });
});

describe('a gateway whose backend never comes', () => {
  it('leaves no span and no line for the probes that it answers with 503', async () => {
    const gateway = await startGateway({ PROXY_UPSTREAM_URL: 'http://127.0.0.1:9/v1' }, isListening);
    try {
      const statuses = [];
      for (let asked = 0; asked < 10; asked++) statuses.push((await fetch(`${gateway.url}/readyz`)).status);
      expect(new Set(statuses)).toEqual(new Set([503]));
      await gateway.stop();
      const lines = await gateway.mirror();
      expect(lines.filter((line) => line.type === 'span' && line.span_kind === 'SERVER')).toEqual([]);
      expect(gateway.log.filter(({ msg }) => msg.includes('readyz'))).toEqual([]);
    } finally {
      await gateway.remove();
    }
  });
});
