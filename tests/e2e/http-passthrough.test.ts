import { post } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import { createUpstreamServer, sendJson, type UpstreamServer } from '../support/upstream-server.ts';

/** In UTF-8, byte for byte as a header carries it. */
const DISPOSITION = Buffer.from('attachment; filename="é.txt"').toString('latin1');

describe('a backend that takes other paths too', () => {
  let other: UpstreamServer;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    other = await createUpstreamServer(
      sendJson(
        200,
        { object: 'list', data: [{ embedding: [1] }], usage: { prompt_tokens: 3, total_tokens: 3 } },
        { 'content-disposition': DISPOSITION },
      ),
    );
    gateway = await startRouted(`backends:
  codex: { kind: app-server }
  other: { kind: http, url: "${other.url}", passthrough: true, apis: [chat, embeddings] }
models:
  - { match: "embed-*", backend: other }
`);
  });
  afterAll(async () => {
    await gateway?.remove();
    await other?.close();
  });

  it('relays embeddings, and any other path where a backend takes those', async () => {
    const response = await post(`${gateway.url}/v1/embeddings`, { model: 'embed-1', input: 'hi' });
    expect([response.status, ((await response.json()) as { object: string }).object]).toEqual([200, 'list']);
    const form = new FormData();
    form.set('file', new Blob(['content']), 'a.txt');
    const upload = await fetch(`${gateway.url}/v1/files?purpose=x`, { method: 'POST', body: form });
    expect([upload.status, upload.headers.get('content-disposition')]).toEqual([200, DISPOSITION]);
    expect(other.calls.at(-1)).toMatchObject({ method: 'POST', path: '/v1/files?purpose=x' });
    expect(other.calls.at(-1)?.raw.toString()).toContain('content');
  });

  it.each([
    '/v1/chat%2fcompletions',
    '/v1//chat/completions',
    '/v1/Chat/Completions/',
    '/v1/chat%252Fcompletions',
  ])('takes no other spelling of a path that has rules: %s', async (target) => {
    const before = other.calls.length;
    const response = await post(`${gateway.url}${target}`, { model: 'embed-1', messages: [] });
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect([response.status, error.code]).toEqual([404, 'route_not_found']);
    expect(error.message).toContain('/v1/chat/completions');
    expect(other.calls).toHaveLength(before);
  });

  it('takes no path that leads elsewhere', async () => {
    const before = other.calls.length;
    for (const target of ['/v1/%2e%2e/admin', '/v1/files/..%2f..%2fadmin']) {
      const response = await fetch(`${gateway.url}${target}`);
      expect([target, response.status]).toEqual([target, 404]);
    }
    expect(other.calls).toHaveLength(before);
  });
});
