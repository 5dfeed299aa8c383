import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chat, clientTrace, post, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, runCli, startGateway } from '../support/gateway.ts';
import {
  createUpstreamServer,
  sendJson,
  UPSTREAM_MODEL,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const ask = { model: UPSTREAM_MODEL, messages: user('hi') };

/** Routes in a file of the gateway's own folder; `%URL%` is the server's. */
const startRouted = async (yaml: string, env: Record<string, string> = {}) => {
  const folder = join(
    process.env['TMPDIR'] ?? '/tmp',
    `routes-${process.pid}-${Math.random().toString(36).slice(2)}.yaml`,
  );
  await writeFile(folder, yaml);
  return { path: folder, gateway: await startGateway({ PROXY_ROUTES: folder, ...env }) };
};

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
    ({ gateway } = await startRouted(
      `backends:\n  far: { kind: http, url: "${server.url}", key_env: FAR_KEY, trust: false, headers: { x-team: core } }\n`,
      { FAR_KEY: 'sk-far' },
    ));
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

describe('routes with several backends', () => {
  let server: UpstreamServer;
  let other: UpstreamServer;
  let gateway: GatewayProcess;
  let path: string;
  const routes = (fast: string) => `backends:
  codex: { kind: app-server }
  next: { kind: http, url: "${server.url}", trust: true, apis: [chat], usage: ask }
  away: { kind: http, url: "http://127.0.0.1:9/v1" }
  other: { kind: http, url: "${other.url}", passthrough: true, apis: [chat, embeddings] }
models:
  - { match: "small-*", backend: next }
  - { match: fast, backend: ${fast}, model: ${UPSTREAM_MODEL} }
  - { match: gone, backend: away, model: ${UPSTREAM_MODEL}, fallback: [next] }
  - { match: "throughline-*", backend: codex }
  - { match: "embed-*", backend: other }
`;
  beforeAll(async () => {
    server = await createUpstreamServer();
    other = await createUpstreamServer(
      sendJson(200, {
        object: 'list',
        data: [{ embedding: [1] }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      }),
    );
    ({ gateway, path } = await startRouted(routes('next')));
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([server?.close(), other?.close()]);
  });

  it('serves the app-server and servers side by side, each its models', async () => {
    const echo = await chat(gateway.url, { model: 'throughline-echo', messages: user('hi') });
    expect([echo.status, (await gateway.usageOf(echo.reqId))[0]?.backend]).toEqual([200, 'codex']);
    const small = await chat(gateway.url, { ...ask, stream: true });
    expect([streamedText(small.text), (await gateway.usageOf(small.reqId))[0]?.backend]).toEqual([
      'Hello',
      'next',
    ]);
    const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['throughline-echo', UPSTREAM_MODEL, 'fast', 'gone']),
    );
  });

  it('renames a model, in the bytes of the body and nowhere else', async () => {
    const got = await chat(gateway.url, { messages: user('hi'), model: 'fast', seed: 1 });
    expect(got.status).toBe(200);
    expect(server.calls.at(-1)?.raw.toString()).toBe(
      `{"messages":[{"role":"user","content":"hi"}],"model":"${UPSTREAM_MODEL}","seed":1}`,
    );
  });

  it('falls back to the next backend where one cannot be reached, and says so in trace and health', async () => {
    const got = await chat(gateway.url, { ...ask, model: 'gone' });
    expect(got.status).toBe(200);
    const [record] = await gateway.usageOf(got.reqId);
    expect(record).toMatchObject({ backend: 'next', outcome: 'completed' });
    const health = (await (await fetch(`${gateway.url}/healthz`)).json()) as {
      backends: { name: string; ready: boolean }[];
    };
    expect(health.backends.map(({ name, ready }) => [name, ready])).toEqual([
      ['codex', true],
      ['next', true],
      ['away', false],
      ['other', true],
    ]);
    expect(await (await fetch(`${gateway.url}/readyz`)).json()).toMatchObject({
      status: 'ok',
      missing: ['away'],
    });
  });

  it('serves the Responses API by a server that has chat alone', async () => {
    for (const stream of [false, true]) {
      const response = await post(`${gateway.url}/v1/responses`, {
        model: UPSTREAM_MODEL,
        input: 'hi',
        stream,
      });
      const text = await response.text();
      expect([response.status, server.calls.at(-1)?.path]).toEqual([200, '/v1/chat/completions']);
      expect(text).toContain('Hello');
      if (stream) expect(text).toContain('response.completed');
    }
  });

  it('relays embeddings, and any other path where a backend takes those', async () => {
    const response = await post(`${gateway.url}/v1/embeddings`, { model: 'embed-1', input: 'hi' });
    expect([response.status, ((await response.json()) as { object: string }).object]).toEqual([200, 'list']);
    const form = new FormData();
    form.set('file', new Blob(['content']), 'a.txt');
    const upload = await fetch(`${gateway.url}/v1/files?purpose=x`, { method: 'POST', body: form });
    expect(upload.status).toBe(200);
    expect(other.calls.at(-1)).toMatchObject({ method: 'POST', path: '/v1/files?purpose=x' });
    expect(other.calls.at(-1)?.raw.toString()).toContain('content');
  });

  it('takes no path that leads elsewhere', async () => {
    const before = other.calls.length;
    for (const target of ['/v1/%2e%2e/admin', '/v1/files/..%2f..%2fadmin']) {
      const response = await fetch(`${gateway.url}${target}`);
      expect([target, response.status]).toEqual([target, 404]);
    }
    expect(other.calls).toHaveLength(before);
  });

  it('reads the file again at SIGHUP, and keeps the old routes where the new ones are wrong', async () => {
    await writeFile(path, routes('nowhere'));
    process.kill(gateway.pid, 'SIGHUP');
    const refused = await gateway.waitForLog(({ msg }) => msg.includes('the old ones stay'));
    expect(JSON.stringify(refused)).toContain('nowhere');
    expect((await chat(gateway.url, { ...ask, model: 'fast' })).status).toBe(200);
    await writeFile(path, routes('other').replace('match: fast', 'match: faster'));
    process.kill(gateway.pid, 'SIGHUP');
    await gateway.waitForLog(({ msg }) => msg.includes('read again'));
    // One backend does not answer: nobody knows whether it has the model.
    expect((await chat(gateway.url, { ...ask, model: 'fast' })).status).toBe(503);
    expect((await chat(gateway.url, { ...ask, model: 'faster' })).status).toBe(200);
    expect(await readFile(path, 'utf8')).toContain('faster');
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

describe('whose traceparent counts', () => {
  it.each(['never', 'authenticated'])('%s: of a stranger it becomes a link', async (trust) => {
    const gateway = await startGateway({ PROXY_TRACE_TRUST: trust });
    try {
      const client = clientTrace('d');
      const got = await chat(
        gateway.url,
        { model: 'throughline-echo', messages: user('hi') },
        { headers: { traceparent: client.header } },
      );
      expect(got.headers.get('x-trace-id')).not.toBe(client.traceId);
      const line = await gateway.waitForMirror((lines) =>
        lines.find(
          (one) =>
            one.type === 'span' &&
            one.service === 'throughline' &&
            one.span_kind === 'SERVER' &&
            one.req_id === got.reqId,
        ),
      );
      expect(line?.type === 'span' && line.otlp.links).toMatchObject([
        { traceId: client.traceId, spanId: client.spanId },
      ]);
    } finally {
      await gateway.remove();
    }
  });

  it('authenticated: that of a client with a key does', async () => {
    const gateway = await startGateway({ PROXY_TRACE_TRUST: 'authenticated', PROXY_API_KEYS: 'ui:sk-1' });
    try {
      const client = clientTrace('e');
      const headers = { traceparent: client.header, authorization: 'Bearer sk-1' };
      const got = await chat(gateway.url, { model: 'throughline-echo', messages: user('hi') }, { headers });
      expect(got.headers.get('x-trace-id')).toBe(client.traceId);
    } finally {
      await gateway.remove();
    }
  });
});

test('a routes file is checked without a gateway', async () => {
  const { path, gateway } = await startRouted(`backends:\n  codex: { kind: app-server }\n`);
  try {
    expect(await runCli(['check', path], { cwd: gateway.cwd })).toMatchObject({ code: 0 });
    await writeFile(path, 'backends:\n  x: { kind: htp }\n');
    const wrong = await runCli(['check', path], { cwd: gateway.cwd });
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toMatch(/:2:\d+/);
  } finally {
    await gateway.remove();
  }
});
