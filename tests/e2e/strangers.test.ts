import { user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { eventsOf, ownSpansOf } from '../support/records.ts';

describe('the body of a sender without a valid key', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_API_KEYS: 'alice:test-key-0001' });
  });
  afterAll(() => gateway?.remove());

  it.each(['/v1/chat/completions', '/V1/chat/completions', '/nowhere'])(
    'is not read, and recorded by its declared size alone at %s',
    async (path) => {
      const response = await fetch(`${gateway.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ messages: user('the-words-of-a-stranger') }),
      });
      const reqId = response.headers.get('x-request-id') ?? '';
      const lines = await gateway.waitForMirror((all) =>
        ownSpansOf(all, reqId).some(({ span_kind }) => span_kind === 'SERVER') ? all : false,
      );
      expect(JSON.stringify(lines)).not.toContain('the-words-of-a-stranger');
      expect(eventsOf(lines, reqId).find(({ kind }) => kind === 'client_request')?.payload).toMatchObject({
        body_bytes: JSON.stringify({ messages: user('the-words-of-a-stranger') }).length,
        body_sha256: null,
        body_read: false,
      });
    },
  );
});
