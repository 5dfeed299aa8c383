import { clientTrace, user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { sendRaw } from '../support/raw-request.ts';
import { eventsOf, ownSpansOf, phaseCounts } from '../support/records.ts';
import { complaints } from '../support/schemas.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const KEY = { authorization: 'Bearer test-key-0001' };
const CHAT = '/v1/chat/completions';
const MODEL = 'throughline-echo';
const body = (value: unknown) => JSON.stringify(value);

type Refusal = { status: number; code: string; param: string | null; outcome: string };
type Request = { path: string; method?: string; headers?: Record<string, string>; body?: string };

const refusals: [string, Request, Refusal][] = [
  [
    'no key',
    { path: CHAT, headers: JSON_TYPE, body: '{' },
    { status: 401, code: 'invalid_api_key', param: null, outcome: 'unauthorized' },
  ],
  [
    'a wrong key',
    { path: '/v1/nowhere', headers: { authorization: 'Bearer wrong' } },
    { status: 401, code: 'invalid_api_key', param: null, outcome: 'unauthorized' },
  ],
  [
    'a body that is no JSON',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: '{"model":' },
    { status: 400, code: 'invalid_json', param: null, outcome: 'invalid_request' },
  ],
  [
    'a body of too many values',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: `[${'0,'.repeat(100_000)}0]` },
    { status: 400, code: 'invalid_value', param: null, outcome: 'invalid_request' },
  ],
  [
    'a list for a body',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: '[]' },
    { status: 400, code: 'invalid_type', param: null, outcome: 'invalid_request' },
  ],
  [
    'a missing field',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: body({ model: MODEL }) },
    { status: 400, code: 'missing_required_parameter', param: 'messages', outcome: 'invalid_request' },
  ],
  [
    'a field of the wrong type',
    {
      path: CHAT,
      headers: { ...JSON_TYPE, ...KEY },
      body: body({ model: MODEL, messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }),
    },
    { status: 400, code: 'invalid_type', param: 'messages[0].content[0].text', outcome: 'invalid_request' },
  ],
  [
    'an unsupported parameter',
    {
      path: CHAT,
      headers: { ...JSON_TYPE, ...KEY },
      body: body({ model: MODEL, messages: user('x'), n: 2 }),
    },
    { status: 400, code: 'unsupported_parameter', param: 'n', outcome: 'invalid_request' },
  ],
  [
    'an unknown model',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: body({ model: 'gpt-none', messages: user('x') }) },
    { status: 404, code: 'model_not_found', param: 'model', outcome: 'not_found' },
  ],
  [
    'an unknown route',
    { path: '/v1/nowhere', headers: KEY },
    { status: 404, code: 'route_not_found', param: null, outcome: 'not_found' },
  ],
  [
    'an unknown route outside of the API',
    { path: '/nowhere' },
    { status: 404, code: 'route_not_found', param: null, outcome: 'not_found' },
  ],
  [
    'the wrong method',
    { path: CHAT, method: 'GET', headers: KEY },
    { status: 405, code: 'method_not_allowed', param: null, outcome: 'invalid_request' },
  ],
  [
    'the wrong content type',
    { path: CHAT, headers: { ...KEY, 'content-type': 'text/plain' }, body: 'hi' },
    { status: 415, code: 'unsupported_media_type', param: null, outcome: 'invalid_request' },
  ],
  [
    'a body over the limit',
    { path: CHAT, headers: { ...JSON_TYPE, ...KEY }, body: `{"model":"${'x'.repeat(33 * 1024 * 1024)}"}` },
    { status: 413, code: 'request_too_large', param: null, outcome: 'invalid_request' },
  ],
];

const traceIdOf = (answer: string): string | undefined => /x-trace-id: ([0-9a-f]{32})\r/i.exec(answer)?.[1];

describe('a request that the gateway refuses', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ PROXY_API_KEYS: 'alice:test-key-0001' });
  });
  afterAll(() => gateway?.remove());

  const settledLines = (reqId: string) =>
    gateway.waitForMirror((lines) =>
      ownSpansOf(lines, reqId).some(
        ({ span_kind, service }) => span_kind === 'SERVER' && service === 'throughline',
      )
        ? lines
        : false,
    );

  const expectRecords = async (reqId: string, { status, code, outcome }: Refusal): Promise<void> => {
    const lines = await settledLines(reqId);
    expect(phaseCounts(lines, reqId)).toMatchObject({ http_ingress: 1, client_egress: 1, usage_summary: 1 });
    expect(eventsOf(lines, reqId).find(({ kind }) => kind === 'client_json')).toMatchObject({
      status_code: status,
      payload: { error: { code, request_id: reqId } },
    });
    const server = ownSpansOf(lines, reqId).find(({ span_kind }) => span_kind === 'SERVER');
    expect(server?.otlp.status?.code ?? 0).toBe(0);
    expect(await gateway.accessLine(reqId)).toMatchObject({ status_code: status, outcome, error_code: code });
    expect(await gateway.usageOf(reqId)).toMatchObject([
      { status_code: status, outcome, usage: null, usage_source: 'missing' },
    ]);
  };

  it.each(refusals)(
    'for %s says what is wrong, in the envelope, on the trace and in both logs',
    async (_, request, refusal) => {
      const trace = clientTrace('c');
      const response = await fetch(`${gateway.url}${request.path}`, {
        method: request.method ?? (request.body === undefined ? 'GET' : 'POST'),
        headers: { traceparent: trace.header, ...request.headers },
        ...(request.body !== undefined && { body: request.body }),
      });
      const reqId = response.headers.get('x-request-id') ?? '';
      expect(response.status).toBe(refusal.status);
      expect(await response.json()).toEqual({
        error: {
          message: expect.any(String),
          service: 'throughline',
          timestamp: expect.any(String),
          type: expect.any(String),
          param: refusal.param,
          code: refusal.code,
          request_id: reqId,
          trace_id: trace.traceId,
        },
      });
      expect(response.headers.get('x-trace-id')).toBe(trace.traceId);
      if (refusal.status === 401) expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      if (refusal.status === 405) expect(response.headers.get('allow')).toBe('POST, OPTIONS');
      await expectRecords(reqId, refusal);
    },
  );

  it.each([
    [
      'a head over the limit',
      `GET /v1/models HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`,
      { status: 431, code: 'request_header_fields_too_large', param: null, outcome: 'invalid_request' },
    ],
    [
      'bytes that are no HTTP',
      'this is no request\r\n\r\n',
      { status: 400, code: 'invalid_http_request', param: null, outcome: 'invalid_request' },
    ],
    [
      'a body whose chunks are broken',
      `POST ${CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer test-key-0001\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nnot-a-size\r\n`,
      { status: 400, code: 'invalid_http_request', param: null, outcome: 'invalid_request' },
    ],
    [
      'a websocket',
      'GET /v1/responses HTTP/1.1\r\nhost: x\r\nauthorization: Bearer test-key-0001\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n',
      { status: 426, code: 'websocket_not_supported', param: null, outcome: 'invalid_request' },
    ],
    [
      'CONNECT',
      'CONNECT example.invalid:443 HTTP/1.1\r\nhost: example.invalid\r\n\r\n',
      { status: 405, code: 'method_not_allowed', param: null, outcome: 'invalid_request' },
    ],
  ] as [string, string, Refusal][])(
    "gives %s, which no handler of Node's would take, the same answer and the same records",
    async (_, bytes, refusal) => {
      const answer = await sendRaw(gateway.url, bytes);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${refusal.status} `));
      const reqId = /x-request-id: (\S+)/i.exec(answer)?.[1] ?? '';
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))).toMatchObject({
        error: { code: refusal.code, request_id: reqId, trace_id: traceIdOf(answer) },
      });
      const server = ownSpansOf(await settledLines(reqId), reqId).find(
        ({ span_kind }) => span_kind === 'SERVER',
      );
      expect(traceIdOf(answer)).toBe(server?.trace_id);
      await expectRecords(reqId, refusal);
    },
  );

  const OVER_LIMIT = `host: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`;
  const FINE = 'GET /livez HTTP/1.1\r\nhost: x\r\n\r\n';
  it.each([
    ['alone', ''],
    ['behind another request', FINE],
  ])("gives a HEAD that Node's own parser refuses, %s, a head alone, and its records", async (_, before) => {
    const answer = await sendRaw(gateway.url, `${before}HEAD /v1/models HTTP/1.1\r\n${OVER_LIMIT}`);
    const own = answer.slice(answer.indexOf('HTTP/1.1 431 '));
    expect(own.indexOf('\r\n\r\n')).toBe(own.length - 4);
    const reqId = /x-request-id: (\S+)/i.exec(own)?.[1] ?? '';
    const lines = await settledLines(reqId);
    expect(phaseCounts(lines, reqId)).toEqual({ http_ingress: 1, usage_summary: 1 });
    expect(await gateway.accessLine(reqId)).toMatchObject({
      status_code: 431,
      error_code: 'request_header_fields_too_large',
    });
  });

  it('gives a GET a body that is refused behind a HEAD which was not', async () => {
    const fine = FINE.replace('GET', 'HEAD');
    const answer = await sendRaw(gateway.url, `${fine}GET /v1/models HTTP/1.1\r\n${OVER_LIMIT}`);
    expect(answer).toContain('"request_header_fields_too_large"');
  });

  it('never shows a key, in any record', async () => {
    await gateway.stop();
    const everything = JSON.stringify([await gateway.mirror(), await gateway.usage(), gateway.log]);
    expect(everything).not.toContain('test-key-0001');
    expect(complaints('mirror-line', await gateway.mirror())).toEqual([]);
    expect(complaints('usage-record', await gateway.usage())).toEqual([]);
    expect(
      complaints(
        'access-line',
        gateway.log.filter(({ kind }) => kind === 'access'),
      ),
    ).toEqual([]);
  });
});
