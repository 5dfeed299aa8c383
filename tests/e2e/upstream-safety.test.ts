import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { chat, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import {
  createUpstreamServer,
  plainAnswer,
  UPSTREAM_MODEL,
  type UpstreamReply,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const SECRETS = {
  key: 'zzkey-of-the-backend-1',
  header: 'zzvalue-of-a-header-2',
  client: 'zzkey-of-the-client-3',
};

describe('what docs/security.md says of servers that requests go on to', () => {
  let server: UpstreamServer;
  let elsewhere: UpstreamServer;
  let gateway: GatewayProcess;

  const reply: UpstreamReply = async (response, call) => {
    response.setHeader('set-cookie', 'session=1');
    response.setHeader('x-request-id', 'theirs');
    if (call.path !== '/v1/files') return plainAnswer('Hello')(response, call);
    response.writeHead(307, { location: `${elsewhere.url}/files` });
    response.end();
  };
  beforeAll(async () => {
    server = await createUpstreamServer(reply);
    elsewhere = await createUpstreamServer();
    gateway = await startRouted(
      `backends:
  far: { kind: http, url: "${server.url}", key_env: FAR_KEY, passthrough: true, headers: { x-team: ${SECRETS.header} } }
`,
      { FAR_KEY: SECRETS.key },
    );
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([server?.close(), elsewhere?.close()]);
  });

  const ask = () =>
    chat(
      gateway.url,
      { model: UPSTREAM_MODEL, messages: user('hi') },
      { headers: { authorization: `Bearer ${SECRETS.client}` } },
    );

  it('a redirect goes to the client, and the gateway does not follow it', async () => {
    const response = await fetch(`${gateway.url}/v1/files`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, `${elsewhere.url}/files`]);
    expect(elsewhere.calls).toEqual([]);
  });

  it('a server sets no cookie, and no id of ours', async () => {
    const got = await ask();
    expect(got.status).toBe(200);
    expect(got.headers.get('set-cookie')).toBeNull();
    expect(got.reqId).toMatch(/^req_/);
  });

  /** The status of a target that is sent as it stands: `fetch` would make a plain path of it. */
  const statusOf = async (path: string): Promise<number | undefined> => {
    const [response] = await once(get(gateway.url, { path }), 'response');
    (response as IncomingMessage).resume();
    return (response as IncomingMessage).statusCode;
  };

  it.each([
    '/v1/../x',
    '/v1/x/.%2E/y',
    '/v1/%2e%2e/x',
    '/v1/x/..%2fy',
    '/v1/x%5c..%5cy',
    '/v1/x/..;a=b/y',
    '/v1/x/..%3b/y',
    '/v1/x/%252e%252e/y',
    '/v1/x/..%25252fy',
    '/v1/x/..%00/y',
  ])('the path %s reaches no server', async (path) => {
    const before = server.calls.length;
    expect(await statusOf(path)).toBe(404);
    expect(server.calls).toHaveLength(before);
  });

  it.each(['/v1/x..y/a;b', '/v1/files/a%2Fb', '/v1/100%25.txt', '/v1/...'])(
    'the path %s goes on as it is',
    async (path) => {
      expect(await statusOf(path)).toBe(200);
      expect(server.calls.at(-1)?.path).toBe(path);
    },
  );

  it('a path that looks like a host is a path', async () => {
    expect(await statusOf('/v1//elsewhere/x')).toBe(200);
    expect(server.calls.at(-1)?.path).toBe('/v1//elsewhere/x');
  });

  it('neither keys nor configured headers stand in what is recorded', async () => {
    const { reqId } = await ask();
    expect(server.calls.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${SECRETS.key}`,
      'x-team': SECRETS.header,
    });
    await gateway.usageOf(reqId);
    const all = [await gateway.mirror(), await gateway.usage(), gateway.log, gateway.stderr()];
    const health = await (await fetch(`${gateway.url}/healthz`)).text();
    const recorded = JSON.stringify(all) + health;
    expect(recorded).toContain(reqId);
    for (const secret of Object.values(SECRETS)) expect(recorded).not.toContain(secret);
  });
});
