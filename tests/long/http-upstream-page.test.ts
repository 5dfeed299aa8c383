import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chat, user } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';
import { blockOf } from '../support/markdown.ts';
import {
  createUpstreamServer,
  sendJson,
  type UpstreamReply,
  type UpstreamServer,
} from '../support/upstream-server.ts';

const PAGE = fileURLToPath(new URL('../../docs/http-upstream.md', import.meta.url));

const HEX = /"trace_id":"[0-9a-f]{32}"/g;
const TIME = /"timestamp":"[^"]+"/g;
const plain = (json: string): string => json.replace(HEX, '').replace(TIME, '');

/** client → near → far → a server that gives this reply to each chat. */
const useGateways = async (
  reply: UpstreamReply,
  work: (url: string, server: UpstreamServer) => Promise<void>,
): Promise<void> => {
  const server = await createUpstreamServer(reply);
  const far = await startGateway({ PROXY_UPSTREAM_URL: server.url, OTEL_SERVICE_NAME: 'far' });
  const near = await startGateway({ PROXY_UPSTREAM_URL: `${far.url}/v1`, OTEL_SERVICE_NAME: 'near' });
  try {
    await work(near.url, server);
  } finally {
    await Promise.all([near.remove(), far.remove()]);
    await server.close();
  }
};

const asked = { model: 'small-1', n: 2, messages: user('hi') };

test('docs/http-upstream.md shows the error that a client of two gateways gets, as it is', async () => {
  const refusal = {
    error: { message: 'n must be 1', type: 'invalid_request_error', param: 'n', code: 'bad_n' },
  };
  await useGateways(sendJson(400, refusal), async (url) => {
    const got = await chat(url, asked, { headers: { 'x-request-id': 'odd-1' } });
    const shown = JSON.stringify(JSON.parse(blockOf(await readFile(PAGE, 'utf8'), 'json')));
    expect([got.status, plain(got.text)]).toEqual([400, plain(shown)]);
    expect(shown).toMatch(HEX);
  });
});

test.each([
  ['nine times', {}, 9],
  ['once, where it says that no retry helps', { 'x-should-retry': 'false' }, 1],
])('two gateways ask a server that stays overloaded %s', async (_what, headers, times) => {
  await useGateways(sendJson(503, { error: { message: 'busy' } }, headers), async (url, server) => {
    expect((await chat(url, asked)).status).toBe(503);
    expect(server.calls).toHaveLength(times);
  });
});
