import { UPSTREAM_CASES, type UpstreamCase } from '../fixtures/upstream/index.ts';
import { answerBytes, sha256 } from '../support/byte-client.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { startRouted } from '../support/routed-gateway.ts';
import { createUpstreamServer, type UpstreamReply, type UpstreamServer } from '../support/upstream-server.ts';

/** In bytes; each piece is handed over when the one before has gone. */
const ODD_PIECES = [1, 3, 31, 2, 7, 127, 5];

const PATHS = {
  chat: 'chat/completions',
  completions: 'completions',
  responses: 'responses',
  embeddings: 'embeddings',
  moderations: 'moderations',
} as const;

/** End-to-end headers that matter to a client. */
const PASSED = {
  'openai-processing-ms': '17',
  'x-ratelimit-remaining-requests': '41',
  'retry-after': '120',
  'x-should-retry': 'false',
  'cache-control': 'no-store',
  etag: '"e1"',
};
/** What is the server's own matter, or the connection's. */
const KEPT = {
  'set-cookie': 'session=secret',
  server: 'odd/1',
  'x-internal': 'yes',
  'x-request-id': 'theirs',
};

const bytesOf = ({ chunks }: UpstreamCase): Buffer => Buffer.concat(chunks);

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = ODD_PIECES[turn % ODD_PIECES.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Sends the case whose number stands in the request. */
const sendCase: UpstreamReply = async (response, { body }) => {
  const sent = UPSTREAM_CASES[Number(body['case'])];
  if (!sent) throw new Error('no such case');
  const bytes = bytesOf(sent);
  response.writeHead(sent.status, {
    ...PASSED,
    ...KEPT,
    'content-type': sent.contentType,
    ...(!sent.stream && { 'content-length': String(bytes.length) }),
  });
  for (const piece of piecesOf(bytes)) await new Promise((sent) => response.write(piece, sent));
  response.end();
};

let server: UpstreamServer;
let gateway: GatewayProcess;
beforeAll(async () => {
  server = await createUpstreamServer(sendCase);
  const apis = '[chat, completions, responses, embeddings, moderations]';
  gateway = await startRouted(`backends:
  plain: { kind: http, url: "${server.url}", apis: ${apis}, usage: as-is }
  asks: { kind: http, url: "${server.url}", apis: ${apis}, usage: ask }
models:
  - { match: plain, backend: plain }
  - { match: asks, backend: asks }
`);
});
afterAll(async () => {
  await gateway?.remove();
  await server?.close();
});

const ask = (index: number, model: 'plain' | 'asks') => {
  const { api, stream } = UPSTREAM_CASES[index] as UpstreamCase;
  return answerBytes(
    `${gateway.url}/v1/${PATHS[api]}`,
    JSON.stringify({ model, stream, messages: [], case: index }),
  );
};

const all = UPSTREAM_CASES.map((sent, index) => ({ ...sent, index }));
const good = all.filter(({ status }) => status < 400);
const streams = good.filter(({ stream }) => stream);
const failed = all.filter(({ status }) => status >= 400);

test.each(good)('$api: $name: status, headers and bytes come as they were sent', async (sent) => {
  const bytes = bytesOf(sent);
  const got = await ask(sent.index, 'plain');
  expect(got.headers).toMatchObject({ ...PASSED, 'content-type': sent.contentType });
  expect(got.headers['x-request-id']).not.toBe('theirs');
  for (const name of ['set-cookie', 'server', 'x-internal']) expect(got.headers).not.toHaveProperty(name);
  if (!sent.stream) expect(got.headers['content-length']).toBe(String(bytes.length));
  expect([got.status, got.bytes.length, sha256(got.bytes)]).toEqual([
    sent.status,
    bytes.length,
    sha256(bytes),
  ]);
});

/** An event in which a chat tells of usage and of nothing else, with the blank line behind it. */
const USAGE_ALONE = /data: \{[^\n]*"choices":(?:\[\]|null)[^\n]*"usage":\{[^\n]*\n\n/g;

/** The stream without the events that a client has not asked for. */
const withoutUsage = (sent: UpstreamCase): Buffer =>
  sent.api === 'responses'
    ? bytesOf(sent)
    : Buffer.from(bytesOf(sent).toString('latin1').replace(USAGE_ALONE, ''), 'latin1');

test.each(streams)(
  '$api: $name: the usage that the gateway asks for is left out, and no other byte',
  async (sent) => {
    const bytes = withoutUsage(sent);
    const got = await ask(sent.index, 'asks');
    const asked = server.calls.at(-1)?.body['stream_options'];
    expect(asked).toEqual(sent.api === 'responses' ? undefined : { include_usage: true });
    expect(got.bytes.toString()).toBe(bytes.toString());
    expect([got.status, sha256(got.bytes)]).toEqual([sent.status, sha256(bytes)]);
  },
);

test('some of the cases have such usage', () => {
  expect(streams.filter((sent) => withoutUsage(sent).length < bytesOf(sent).length).length).toBeGreaterThan(
    3,
  );
});

/** How many bytes from an end on are the same. */
const common = (
  one: Buffer,
  other: Buffer,
  at: (bytes: Buffer, index: number) => number | undefined,
): number => {
  let count = 0;
  while (count < one.length && at(one, count) === at(other, count)) count++;
  return count;
};

const isObject = (bytes: Buffer): boolean => {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

test.each(failed)('$api: $name: of an error every byte comes, with our ids in one place', async (sent) => {
  const bytes = bytesOf(sent);
  const got = await ask(sent.index, 'plain');
  expect(got.status).toBe(sent.status);
  expect(got.headers).toMatchObject({ ...PASSED, 'content-type': sent.contentType });
  const before = common(bytes, got.bytes, (all, index) => all[index]);
  const behind = common(bytes, got.bytes, (all, index) => all[all.length - 1 - index]);
  expect(before + behind).toBeGreaterThanOrEqual(bytes.length);
  const added = got.bytes.subarray(before, got.bytes.length - (bytes.length - before)).toString();
  if (isObject(bytes)) expect(added).toContain(`"request_id":"${got.headers['x-request-id']}"`);
  else expect(added).toBe('');
});
