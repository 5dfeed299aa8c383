import { backendPid } from '../support/backend-pid.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';

describe('the probes', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway?.remove());

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

  it('leave neither a phase nor a usage record', async () => {
    await gateway.stop();
    expect(await gateway.usage()).toEqual([]);
    expect((await gateway.mirror()).filter(({ phase }) => phase === 'http_ingress')).toEqual([]);
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
