import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chat, clientTrace, post, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, runCli, startGateway } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import {
  createUpstreamServer,
  sendJson,
  UPSTREAM_MODEL,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const ask = { model: UPSTREAM_MODEL, messages: user('hi') };

describe('an upstream that is trusted since it is on loopback', () => {
  let server: UpstreamServer;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    server = await createUpstreamServer();
    gateway = await startGateway({
      PROXY_UPSTREAM_URL: server.url,
      PROXY_UPSTREAM_API_KEY: 'sk-upstream',
      PROXY_API_KEYS: 'ui:sk-client',
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.close();
  });

  it('gets the body byte for byte, unknown fields and odd spellings included, and its own key', async () => {
    const body = `{ "model":"${UPSTREAM_MODEL}",\n "big":12345678901234567890, "messages":[{"role":"user","content":"h\\u0069"}] ,"x":{"y":[1,2]}}`;
    const response = await post(`${gateway.url}/v1/chat/completions`, body, {
      headers: { authorization: 'Bearer sk-client' },
    });
    expect(response.status).toBe(200);
    await response.text();
    const sent = server.calls.at(-1);
    expect(sent?.raw.toString()).toBe(body);
    expect(sent?.headers.authorization).toBe('Bearer sk-upstream');
    expect(JSON.stringify(sent?.headers)).not.toContain('sk-client');
  });

  it('says on the head where the time went, and keeps it in the usage record', async () => {
    const got = await chat(gateway.url, ask, { headers: { authorization: 'Bearer sk-client' } });
    expect(got.headers.get('server-timing')).toMatch(
      /^queue;dur=[\d.]+, connect;dur=[\d.]+, upstream;dur=[\d.]+, gateway;dur=[\d.]+$/,
    );
    const [record] = await gateway.usageOf(got.reqId);
    expect(record).toMatchObject({
      backend: 'upstream',
      head_ms: expect.any(Number),
      upstream_ms: expect.any(Number),
      overhead_ms: expect.any(Number),
    });
  });

  it.each(['null', '[]', '5'])('gets no body that is no JSON object: %s', async (body) => {
    const calls = server.calls.length;
    const response = await post(`${gateway.url}/v1/chat/completions`, body, {
      headers: { authorization: 'Bearer sk-client' },
    });
    expect([response.status, server.calls.length]).toEqual([400, calls]);
  });

  it('lists its models as it names them', async () => {
    const response = await fetch(`${gateway.url}/v1/models`, {
      headers: { authorization: 'Bearer sk-client' },
    });
    expect(await response.json()).toMatchObject({ data: [{ id: UPSTREAM_MODEL }] });
  });
});

describe('an upstream that is not trusted', () => {
  let server: UpstreamServer;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    server = await createUpstreamServer();
    gateway = await startRouted(
      `backends:\n  far: { kind: http, url: "${server.url}", key_env: FAR_KEY, trust: false, headers: { x-team: core } }\n`,
      { FAR_KEY: 'sk-far' },
    );
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.close();
  });

  it('sees none of our headers but the request id, and never the key or the cookies of the client', async () => {
    const client = clientTrace('c');
    const headers = {
      authorization: 'Bearer sk-client',
      cookie: 'session=1',
      traceparent: client.header,
      tracestate: 'vendor=kept',
      baggage: 'who=alice',
      'x-request-id': 'untrusted-1',
      'x-forwarded-for': '10.1.2.3',
      'user-agent': 'curl/8',
      'openai-beta': 'assistants=v2',
    };
    const got = await chat(gateway.url, ask, { headers });
    expect(got.status).toBe(200);
    const { host, ...seen } = server.calls.at(-1)?.headers ?? {};
    expect(host).toBeDefined();
    expect(Object.keys(seen).sort()).toEqual(
      [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'openai-beta',
        'user-agent',
        'x-request-id',
        'x-team',
      ].sort(),
    );
    expect(seen).toMatchObject({
      authorization: 'Bearer sk-far',
      'x-request-id': 'untrusted-1',
      'x-team': 'core',
    });
    expect(seen['user-agent']).toMatch(/^throughline\//);
  });
});

describe('an upstream that is not up yet', () => {
  it('is no failure: requests are told so, and it is ready once it answers', async () => {
    const server = await createUpstreamServer();
    await server.close();
    const gateway = await startGateway({ PROXY_UPSTREAM_URL: server.url }, isListening);
    try {
      await gateway.waitForLog(({ msg }) => msg.includes('does not answer'));
      const got = await chat(gateway.url, ask);
      expect([got.status, JSON.parse(got.text).error.code]).toEqual([502, 'backend_unreachable']);
      expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    } finally {
      await gateway.remove();
    }
  });
});

describe('an upstream that asks for a longer wait than the request has', () => {
  it('is not asked again: its answer goes to the client at once', async () => {
    const busy = sendJson(503, { error: { message: 'busy' } }, { 'retry-after': '8' });
    const server = await createUpstreamServer(busy);
    const gateway = await startGateway({ PROXY_UPSTREAM_URL: server.url });
    try {
      const got = await chat(gateway.url, ask, { headers: { 'x-request-timeout-ms': '4000' } });
      expect([got.status, got.headers.get('retry-after'), server.calls.length]).toEqual([503, '8', 1]);
    } finally {
      await gateway.remove();
      await server.close();
    }
  });
});

test('an upstream that is the gateway itself stops the start, and is named', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'throughline-self-'));
  const ran = await runCli(['serve'], {
    cwd,
    env: { PORT: '18787', PROXY_UPSTREAM_URL: 'http://localhost:18787/v1', LOG_PROTO: 'false' },
  });
  await rm(cwd, { recursive: true });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('the backend upstream is this gateway itself (port 18787)');
});
