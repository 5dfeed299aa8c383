import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ownSpansOf } from '../support/records.ts';

const KEY = 'a-key-of-mine';
const VALID = { authorization: `Bearer ${KEY}` };
const INVALID = { authorization: 'Bearer another-key' };

describe.each([
  { where: 'in production', env: { PROXY_ENV: 'production', LOG_PROTO: 'true' }, anyone: false },
  { where: 'in development', env: {}, anyone: true },
])('x-trace-force to a gateway with keys, $where', ({ env, anyone }) => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ ...env, PROXY_API_KEYS: KEY });
  });
  afterAll(() => gateway?.remove());

  const isForced = async (reqId: string): Promise<boolean> => {
    const server = await gateway.waitForMirror((lines) =>
      ownSpansOf(lines, reqId).find(({ span_kind }) => span_kind === 'SERVER'),
    );
    return (server.otlp.attributes ?? []).some(({ key }) => key === 'throughline.trace.forced');
  };

  it.each([
    { sent: 'a valid key', path: '/v1/models', headers: VALID, status: 200, forced: true },
    { sent: 'a valid key outside of the API', path: '/elsewhere', headers: VALID, status: 404, forced: true },
    { sent: 'an unknown key', path: '/v1/models', headers: INVALID, status: 401, forced: anyone },
    { sent: 'no key', path: '/v1/models', headers: {}, status: 401, forced: anyone },
    {
      sent: 'an unknown key outside of the API',
      path: '/elsewhere',
      headers: INVALID,
      status: 404,
      forced: anyone,
    },
  ])('with $sent: forced is $forced', async ({ path, headers, status, forced }) => {
    const response = await fetch(`${gateway.url}${path}`, { headers: { 'x-trace-force': '1', ...headers } });
    expect(response.status).toBe(status);
    await response.arrayBuffer();
    expect(await isForced(response.headers.get('x-request-id') ?? '')).toBe(forced);
  });
});
