import { post } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import {
  createUpstreamServer,
  sendJson,
  UPSTREAM_MODEL,
  type UpstreamReply,
  type UpstreamServer,
} from '../support/upstream-server.ts';

/** No rule knows them by their shape. */
const OWN_KEY = 'Xq7v-Otter.93wk/Lmpz42';
const CLIENT_KEY = 'Wharf-8qLz.lantern_Vk2';
const HEADER = 'Heron_5tGk+mill.Jw8zqR';

/** It repeats what it was sent. */
const echo: UpstreamReply = (response, call) => {
  const { authorization, 'x-team': team } = call.headers;
  return sendJson(401, { error: { message: `no: ${authorization}, ${team}`, code: authorization } })(
    response,
    call,
  );
};

const ask = async (gateway: GatewayProcess): Promise<string> => {
  const body = { model: UPSTREAM_MODEL, messages: [{ role: 'user', content: 'hi' }] };
  const headers = { authorization: `Bearer ${CLIENT_KEY}` };
  const response = await post(`${gateway.url}/v1/chat/completions`, body, { headers });
  return response.text();
};

const recordsOf = async (gateway: GatewayProcess): Promise<string> => {
  await gateway.stop();
  return JSON.stringify([await gateway.mirror(), await gateway.usage(), gateway.log, gateway.stderr()]);
};

describe('a server that repeats in an error what it was sent', () => {
  let server: UpstreamServer;
  beforeAll(async () => {
    server = await createUpstreamServer(echo);
  });
  afterAll(() => server?.close());

  it('gives its words to the client, and the key of PROXY_UPSTREAM_API_KEY to no record', async () => {
    const gateway = await startGateway({
      ...{ PROXY_UPSTREAM_URL: server.url, PROXY_UPSTREAM_API_KEY: OWN_KEY },
    });
    try {
      expect(await ask(gateway)).toContain(`no: Bearer ${OWN_KEY}`);
      const records = await recordsOf(gateway);
      expect(records).toContain('no: Bearer [REDACTED]');
      expect(records).not.toContain(OWN_KEY);
    } finally {
      await gateway.remove();
    }
  });

  it('gives neither a header of the routes file nor the key of a client that goes on to any record', async () => {
    const backend = `{ kind: http, url: "${server.url}", auth: forward, headers: { x-team: "${HEADER}" } }`;
    const gateway = await startRouted(`backends:\n  next: ${backend}\n`);
    try {
      expect(await ask(gateway)).toContain(`no: Bearer ${CLIENT_KEY}, ${HEADER}`);
      const records = await recordsOf(gateway);
      expect(records).toContain('no: Bearer [REDACTED], [REDACTED]');
      expect(records).not.toMatch(/Wharf-8q|Heron_5t/);
    } finally {
      await gateway.remove();
    }
  });
});
