import { user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { openHttpWire } from '../support/http-wire.ts';
import { eventsOf, ownSpansOf, phaseCounts } from '../support/records.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ PROXY_ALLOWED_HOSTS: 'gateway.example' });
});
afterAll(() => gateway?.remove());

const BODY = JSON.stringify({ model: 'throughline-echo', messages: user('drive the agent') });

type Sent = { target?: string; host?: string; headers?: string; reqId: string };

/** What a client gets that sends these lines; with a body where it posts. */
const send = ({ target = 'POST /v1/chat/completions', host = 'localhost', headers = '', reqId }: Sent) => {
  const body = target.startsWith('POST') ? BODY : '';
  const length = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
  const bytes = `${target} HTTP/1.1\r\nhost: ${host}\r\nx-request-id: ${reqId}\r\n${length}${headers}connection: close\r\n\r\n${body}`;
  return openHttpWire(Number(new URL(gateway.url).port), bytes).closed();
};

const FOREIGN: [string, string, Omit<Sent, 'reqId'>, string][] = [
  [
    'a page whose name was bound to our address',
    'rebound',
    { host: 'evil.example:8787' },
    'host_not_allowed',
  ],
  [
    'a page of another site',
    'crossed',
    { headers: 'origin: https://evil.example\r\n' },
    'origin_not_allowed',
  ],
  ['a page without a name', 'null-origin', { headers: 'origin: null\r\n' }, 'origin_not_allowed'],
  [
    'a target that names another host',
    'absolute',
    { target: 'POST http://evil.example/v1/chat/completions' },
    'host_not_allowed',
  ],
  [
    'a preflight of another site',
    'preflight',
    { target: 'OPTIONS /v1/chat/completions', headers: 'origin: https://evil.example\r\n' },
    'origin_not_allowed',
  ],
  ['an unknown path', 'unknown-path', { target: 'GET /nowhere', host: 'evil.example' }, 'host_not_allowed'],
];

test.each(FOREIGN)('%s is refused before its body is read, in each record', async (_, reqId, sent, code) => {
  const answer = await send({ ...sent, reqId });
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toContain(`"code":"${code}","request_id":"${reqId}"`);
  const lines = await gateway.waitForMirror((all) =>
    ownSpansOf(all, reqId).some(({ span_kind }) => span_kind === 'SERVER') ? all : false,
  );
  expect(phaseCounts(lines, reqId)).toEqual({ http_ingress: 1, client_egress: 1, usage_summary: 1 });
  expect(JSON.stringify(eventsOf(lines, reqId))).not.toContain('drive the agent');
  expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome: 'unauthorized', error_code: code }]);
});

test.each(['/livez', '/readyz', '/healthz', '/docs', '/openapi.json'])(
  '%s answers to no foreign name or page either, and has no records',
  async (path) => {
    const reqId = `plain${path.replaceAll(/\W/g, '-')}`;
    for (const sent of [{ host: 'evil.example' }, { headers: 'origin: https://evil.example\r\n' }]) {
      const answer = await send({ target: `GET ${path}`, ...sent, reqId });
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
      expect(answer).toContain(`"request_id":"${reqId}"`);
    }
    expect(gateway.log.filter(({ req_id }) => req_id === reqId)).toEqual([]);
  },
);

test.each([
  ['localhost', ''],
  ['127.0.0.1', 'origin: http://localhost:3000\r\n'],
  ['gateway.example', 'origin: https://gateway.example\r\n'],
])('%s is answered (%j)', async (host, headers) => {
  expect(await send({ host, headers, reqId: `fine-${host}` })).toMatch(/^HTTP\/1\.1 200 /);
});

test('two Host lines are no HTTP, whatever they say', async () => {
  const answer = await send({ headers: 'Host: localhost\r\n', reqId: 'two-hosts' });
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*"invalid_http_request"/);
});
