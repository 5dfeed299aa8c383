import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { user } from '../support/chat.ts';
import { type GatewayProcess, runCli, startGateway } from '../support/gateway.ts';
import { openHttpWire } from '../support/http-wire.ts';
import { eventsOf, ownSpansOf } from '../support/records.ts';

const KEY = 'test-key-0001';
const LONG = 'x'.repeat(14_000);

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ PROXY_API_KEYS: `alice:${KEY}` });
});
afterAll(() => gateway?.remove());

const fileOf = (name: string): Promise<string> => readFile(join(gateway.cwd, '.throughline', name), 'utf8');
const settled = (reqId: string) =>
  gateway.waitForMirror((lines) =>
    ownSpansOf(lines, reqId).some(({ span_kind }) => span_kind === 'SERVER') ? lines : false,
  );

/** A request without a key, one of whose head's parts is as long as the parser takes. */
const sendKeyless = async (reqId: string, path: string, headers: string): Promise<string> => {
  const bytes = `GET ${path} HTTP/1.1\r\nhost: gateway\r\nx-request-id: ${reqId}\r\n${headers}connection: close\r\n\r\n`;
  return openHttpWire(Number(new URL(gateway.url).port), bytes).closed();
};

test('what is refused before a key is known stands in a file of its own, and other requests in the mirror', async () => {
  await sendKeyless('keyless', '/v1/models', '');
  await openHttpWire(Number(new URL(gateway.url).port), 'rubbish-that-is-no-http\r\n\r\n').closed();
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${KEY}`,
      'x-request-id': 'with-a-key',
    },
    body: JSON.stringify({ model: 'throughline-echo', messages: user('hi') }),
  });
  expect(response.status).toBe(200);
  await settled('keyless');
  await settled('with-a-key');
  const [main, refused] = [await fileOf('proto.ndjson'), await fileOf('proto.refused.ndjson')];
  expect(main).toContain('"req_id":"with-a-key"');
  for (const text of ['"keyless"', '"invalid_http_request"']) {
    expect(main).not.toContain(text);
    expect(refused).toContain(text);
  }
  expect(refused).not.toContain('"with-a-key"');
  const seqs = refused
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line).seq);
  expect(seqs).toEqual(seqs.map((_, index) => index));
});

test('a probe writes nothing into the mirror: anybody may send it', async () => {
  await fetch(`${gateway.url}/livez?${LONG}`);
  await sendKeyless('behind-the-probe', '/v1/models', '');
  await settled('behind-the-probe');
  expect(await fileOf('proto.ndjson')).not.toContain('/livez');
  expect(await fileOf('proto.refused.ndjson')).not.toContain('/livez');
});

test('neither do pages that need no key, nor the trace headers of a request without one', async () => {
  await sendKeyless('a-page', `/docs?${'page'.repeat(200)}`, '');
  await sendKeyless('odd-trace', '/v1/models', 'traceparent: odd-traceparent\r\n');
  await settled('a-page');
  await settled('odd-trace');
  const [main, refused] = [await fileOf('proto.ndjson'), await fileOf('proto.refused.ndjson')];
  for (const text of ['"a-page"', '"odd-trace"', 'odd-traceparent']) {
    expect(main).not.toContain(text);
    expect(refused).toContain(text);
  }
});

test.each([
  ['a header', 'long-header', '/v1/models', `user-agent: ${LONG}\r\n`],
  [
    'many headers',
    'many-headers',
    '/v1/models',
    Array.from({ length: 900 }, (_, n) => `a-${n}: b\r\n`).join(''),
  ],
  ["a header's name", 'long-name', '/v1/models', `${LONG}: b\r\n`],
  ['addresses', 'long-address', '/v1/models', `x-forwarded-for: ${LONG}\r\n`],
  ['the path', 'long-path', `/v1/models/${LONG}`, ''],
  ['the query', 'long-query', `/v1/models?q=${LONG}`, ''],
])('%s of 14 kB is cut wherever it stands', async (_, reqId, path, headers) => {
  expect(await sendKeyless(reqId, path, headers)).toMatch(/^HTTP\/1\.1 401 /);
  const lines = await settled(reqId);
  const own = lines.filter(({ req_id }) => req_id === reqId);
  const plain = lines.filter(({ req_id }) => req_id === 'keyless');
  const bytes = (all: readonly unknown[]): number =>
    all.reduce<number>((sum, line) => sum + JSON.stringify(line).length, 0);
  expect(bytes(own)).toBeLessThan(bytes(plain) + 6_000);
  expect(eventsOf(lines, reqId).some(({ kind }) => kind === 'client_request')).toBe(true);
});

test('an id that is no id is cut as well', async () => {
  const answer = await sendKeyless('', '/v1/models', '');
  const [, reqId = ''] = /x-request-id: (req_\S+)/i.exec(answer) ?? [];
  const long = await openHttpWire(
    Number(new URL(gateway.url).port),
    `GET /v1/models HTTP/1.1\r\nhost: gateway\r\nx-request-id: ${LONG}\r\nconnection: close\r\n\r\n`,
  ).closed();
  const [, longId = ''] = /x-request-id: (req_\S+)/i.exec(long) ?? [];
  expect(reqId).not.toBe(longId);
  const server = ownSpansOf(await settled(longId), longId).find(({ span_kind }) => span_kind === 'SERVER');
  expect(JSON.stringify(server).length).toBeLessThan(4_000);
});

test('trace and replay find it', async () => {
  for (const args of [['trace', '--json'], ['trace', '--follow', '--json'], ['replay']]) {
    const { code, stdout } = await runCli([...args, '--req-id', 'keyless'], { cwd: gateway.cwd });
    expect([args, code]).toEqual([args, 0]);
    expect(stdout).toContain('http_ingress');
  }
});
