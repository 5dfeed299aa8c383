import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { post } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createUpstreamServer, UPSTREAM_MODEL, type UpstreamServer } from '../support/upstream-server.ts';

/** The attributes of a span, by their names. */
const attributesOf = (lines: readonly MirrorLine[], isMeant: (line: MirrorLine) => boolean) => {
  const span = lines.find((line) => line.type === 'span' && isMeant(line));
  if (span?.type !== 'span') return undefined;
  const { attributes } = span.otlp;
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
};

const isSpan = (name: string, reqId: string) => (line: MirrorLine) =>
  line.type === 'span' && line.name === name && line.req_id === reqId;

const payloadOf = (lines: readonly MirrorLine[], kind: string, reqId: string): unknown => {
  const event = lines.find((line) => line.type === 'event' && line.kind === kind && line.req_id === reqId);
  return event?.type === 'event' ? event.payload : undefined;
};

describe('a relayed request outside of dev', () => {
  let server: UpstreamServer;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    server = await createUpstreamServer();
    gateway = await startGateway({
      ...{ PROXY_ENV: 'production', LOG_PROTO: 'true', PROXY_UPSTREAM_URL: server.url },
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.close();
  });

  const ask = async (model: string, reqId: string): Promise<readonly MirrorLine[]> => {
    const body = {
      model,
      stream: true,
      temperature: 0.5,
      messages: [{ role: 'user', content: 'a whisper' }],
    };
    const response = await post(`${gateway.url}/v1/chat/completions`, body, {
      headers: { 'x-request-id': reqId },
    });
    await response.text();
    return gateway.waitForMirror((lines) => lines.some(isSpan('usage_summary', reqId)) && lines);
  };

  it('is told by models, ids, statuses and sizes, and by no word of it', async () => {
    const lines = await ask(UPSTREAM_MODEL, 'facts-1');
    expect(attributesOf(lines, isSpan('backend_io', 'facts-1'))).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': UPSTREAM_MODEL,
      'gen_ai.response.model': UPSTREAM_MODEL,
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.response.finish_reasons': { values: [{ stringValue: 'stop' }] },
      'http.response.status_code': expect.anything(),
      'server.address': '127.0.0.1',
      'throughline.upstream.bytes': expect.anything(),
    });
    expect(attributesOf(lines, isSpan('POST', 'facts-1'))).toMatchObject({
      'http.request.method': 'POST',
      'url.template': '/v1/chat/completions',
      'network.protocol.version': '1.1',
    });
    expect(payloadOf(lines, 'upstream_request', 'facts-1')).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      body_bytes: server.calls.at(-1)?.raw.length,
      headers: { 'content-type': 'application/json' },
    });
    expect(payloadOf(lines, 'upstream_response', 'facts-1')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
    });
    expect(payloadOf(lines, 'upstream_chunk', 'facts-1')).toMatchObject({ bytes: expect.any(Number) });
    expect(JSON.stringify(lines)).not.toMatch(/whisper|Hello/);
    expect((await gateway.usageOf('facts-1'))[0]).toMatchObject({
      model: UPSTREAM_MODEL,
      response_model: UPSTREAM_MODEL,
    });
  });

  it('for a model that the server does not list is told by the size of its name', async () => {
    const lines = await ask('murmur-of-mine', 'facts-2');
    expect(attributesOf(lines, isSpan('backend_io', 'facts-2'))).toMatchObject({
      'gen_ai.request.model': expect.stringMatching(/^\[14 bytes, sha256 /),
    });
    expect(JSON.stringify([lines, await gateway.usage(), gateway.log])).not.toContain('murmur');
  });
});
