import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chat, user } from '../support/chat.ts';
import { startGateway } from '../support/gateway.ts';
import { blockOf } from '../support/markdown.ts';
import { createUpstreamServer, sendJson } from '../support/upstream-server.ts';

const PAGE = fileURLToPath(new URL('../../docs/http-upstream.md', import.meta.url));

const HEX = /"trace_id":"[0-9a-f]{32}"/g;
const TIME = /"timestamp":"[^"]+"/g;
const plain = (json: string): string => json.replace(HEX, '').replace(TIME, '');

test('docs/http-upstream.md shows the error that a client of two gateways gets, as it is', async () => {
  const refusal = {
    error: { message: 'n must be 1', type: 'invalid_request_error', param: 'n', code: 'bad_n' },
  };
  const server = await createUpstreamServer(sendJson(400, refusal));
  const far = await startGateway({ PROXY_UPSTREAM_URL: server.url, OTEL_SERVICE_NAME: 'far' });
  const near = await startGateway({ PROXY_UPSTREAM_URL: `${far.url}/v1`, OTEL_SERVICE_NAME: 'near' });
  try {
    const got = await chat(
      near.url,
      { model: 'small-1', n: 2, messages: user('hi') },
      { headers: { 'x-request-id': 'odd-1' } },
    );
    const shown = JSON.stringify(JSON.parse(blockOf(await readFile(PAGE, 'utf8'), 'json')));
    expect([got.status, plain(got.text)]).toEqual([400, plain(shown)]);
    expect(shown).toMatch(HEX);
  } finally {
    await Promise.all([near.remove(), far.remove()]);
    await server.close();
  }
});
