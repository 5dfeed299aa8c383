import { user } from '../support/chat.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { openHttpWire } from '../support/http-wire.ts';
import { eventsOf, ownSpansOf, phaseCounts } from '../support/records.ts';

const KEY = 'test-key-0001';
const MIB = 1024 * 1024;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ PROXY_API_KEYS: `alice:${KEY}` });
});
afterAll(() => gateway?.remove());

const open = (bytes = '') => openHttpWire(Number(new URL(gateway.url).port), bytes);
const head = (reqId: string, headers: string, method = 'POST'): string =>
  `${method} /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nx-request-id: ${reqId}\r\ncontent-type: application/json\r\n${headers}\r\n`;
const settledLines = (reqId: string) =>
  gateway.waitForMirror((lines) =>
    ownSpansOf(lines, reqId).some(({ span_kind }) => span_kind === 'SERVER') ? lines : false,
  );

/** One 401, in each record once, whose body is told by what the client declared. */
const expectUnread = async (reqId: string, declared: number | null): Promise<void> => {
  const lines = await settledLines(reqId);
  expect(phaseCounts(lines, reqId)).toEqual({ http_ingress: 1, client_egress: 1, usage_summary: 1 });
  expect(eventsOf(lines, reqId).filter(({ kind }) => kind === 'client_request')).toMatchObject([
    { payload: { body_bytes: declared, body_sha256: null, body_read: false } },
  ]);
  expect(await gateway.usageOf(reqId)).toMatchObject([{ status_code: 401, outcome: 'unauthorized' }]);
};

describe('a sender without a valid key', () => {
  it('gets its 401 before it has sent a byte of its body, however many do the same', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `waiting-${index}`);
    const wires = ids.map((id) => open(head(id, `content-length: ${31 * MIB}\r\n`)));
    for (const wire of wires) await wire.until('"invalid_api_key"');
    for (const id of ids) await expectUnread(id, 31 * MIB);
    for (const { socket } of wires) socket.destroy();
  });

  it('gets it as well where it declares no size', async () => {
    const wire = open(head('chunked', 'transfer-encoding: chunked\r\n'));
    await wire.until('"invalid_api_key"');
    await expectUnread('chunked', null);
    wire.socket.destroy();
  });

  it('is not asked for its body, where it waits for that, and the connection closes', async () => {
    const wire = open(head('expecting', `content-length: ${MIB}\r\nexpect: 100-continue\r\n`));
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 401 /);
    await expectUnread('expecting', MIB);
  });

  it('can read the 401 after it has sent everything', async () => {
    const body = 'x'.repeat(200 * 1024);
    const wire = open();
    wire.socket.pause();
    wire.socket.write(head('sends-first', `content-length: ${body.length}\r\n`));
    await gateway.accessLine('sends-first');
    await new Promise((resolve) => wire.socket.write(body, resolve));
    wire.socket.resume();
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 401 [\s\S]*"invalid_api_key"/);
    expect(wire.socket.errored).toBeNull();
    await expectUnread('sends-first', body.length);
  });

  it('gets it from a client that sends and reads at once, whatever the size', async () => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'fetched' },
      body: 'x'.repeat(20 * MIB),
    });
    expect(response.status).toBe(401);
    await expectUnread('fetched', 20 * MIB);
  });

  it('is answered on the same connection again behind a small body', async () => {
    const body = JSON.stringify({ messages: user('hi') });
    const small = (id: string) => `${head(id, `content-length: ${body.length}\r\n`)}${body}`;
    const wire = open(small('small-1') + small('small-2'));
    await wire.until('"request_id":"small-2"');
    expect(wire.got().match(/HTTP\/1\.1 401 /g)).toHaveLength(2);
    for (const id of ['small-1', 'small-2']) await expectUnread(id, body.length);
    wire.socket.destroy();
  });

  it.each([
    [
      'breaks off',
      'broken-off',
      'content-length: 5000\r\n',
      (wire: ReturnType<typeof open>) => wire.socket.end('{'),
    ],
    [
      'is no chunk',
      'no-chunk',
      'transfer-encoding: chunked\r\n',
      (wire: ReturnType<typeof open>) => wire.socket.write('not-a-size\r\n'),
    ],
  ])('has one record, where its body then %s', async (_, reqId, headers, then) => {
    const before = gateway.log.filter(({ kind }) => kind === 'access').length;
    const wire = open(head(reqId, headers));
    await wire.until('"invalid_api_key"');
    await gateway.accessLine(reqId);
    then(wire);
    await wire.closed();
    await expectUnread(reqId, headers.includes('5000') ? 5000 : null);
    // Whatever else the gateway had made of it would be settled before this one.
    await fetch(`${gateway.url}/v1/models`, { headers: { 'x-request-id': `after-${reqId}` } });
    await gateway.accessLine(`after-${reqId}`);
    expect(gateway.log.filter(({ kind }) => kind === 'access')).toHaveLength(before + 2);
  });
});

describe('a body where none belongs', () => {
  it('is left unread at a probe, which is answered at once', async () => {
    const wire = open(`POST /livez HTTP/1.1\r\nhost: gateway\r\ncontent-length: ${31 * MIB}\r\n\r\n`);
    await wire.until('"method_not_allowed"');
    expect(wire.got()).toMatch(/^connection: close\r$/im);
    wire.socket.end();
    await wire.closed();
  });

  it('is left unread at a route that has none, and told by its declared size', async () => {
    const headers = `host: gateway\r\nx-request-id: no-body\r\nauthorization: Bearer ${KEY}\r\ncontent-length: ${31 * MIB}\r\n`;
    const wire = open(`GET /v1/models HTTP/1.1\r\n${headers}\r\n`);
    await wire.until('"throughline-echo"');
    const events = eventsOf(await settledLines('no-body'), 'no-body');
    expect(events.find(({ kind }) => kind === 'client_request')).toMatchObject({
      payload: { body_bytes: 31 * MIB, body_read: false },
    });
    wire.socket.destroy();
  });
});

describe('a sender with a key', () => {
  it('is asked for its body, where it waits for that', async () => {
    const body = JSON.stringify({ model: 'throughline-echo', messages: user('hi') });
    const wire = open(
      head(
        'asked',
        `authorization: Bearer ${KEY}\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\nconnection: close\r\n`,
      ),
    );
    await wire.until('HTTP/1.1 100 Continue');
    wire.socket.write(body);
    expect(await wire.closed()).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
  });
});

describe('a packet of pipelined requests', () => {
  const get = (id: string, more = ''): string =>
    `GET /v1/models HTTP/1.1\r\nhost: gateway\r\nx-request-id: ${id}\r\n${more}\r\n`;

  it('of over 64 begins one of them, and closes the connection', async () => {
    const ids = Array.from({ length: 800 }, (_, index) => `burst-${index}`);
    await open(ids.map((id) => get(id)).join('')).closed();
    await fetch(`${gateway.url}/v1/models`, { headers: { 'x-request-id': 'after-burst' } });
    await gateway.accessLine('after-burst');
    const begun = gateway.log.filter(({ req_id }) => String(req_id).startsWith('burst-'));
    expect(begun.map(({ req_id }) => req_id)).toEqual(['burst-0']);
  });

  it('of fewer is answered in order, each in a trace of its own', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `few-${index}`);
    const last = get('last', `authorization: Bearer ${KEY}\r\nconnection: close\r\n`);
    const answer = await open(ids.map((id) => get(id)).join('') + last).closed();
    expect([...answer.matchAll(/^x-request-id: (\S+)/gim)].map(([, id]) => id)).toEqual([...ids, 'last']);
    const lines = await settledLines('last');
    const traces = [...ids, 'last'].map(
      (id) => new Set(ownSpansOf(lines, id).map(({ trace_id }) => trace_id)),
    );
    expect(traces.map(({ size }) => size)).toEqual(Array(31).fill(1));
    expect(new Set(traces.flatMap((trace) => [...trace])).size).toBe(31);
  });

  it('with something behind them that is no HTTP has its answers first', async () => {
    const answer = await open(`${get('good-1')}${get('good-2')}rubbish\r\n\r\n`).closed();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 401', 'HTTP/1.1 400']);
  });

  it('whose second body is broken refuses that one, in its turn', async () => {
    const broken = `${head('second', `authorization: Bearer ${KEY}\r\ntransfer-encoding: chunked\r\n`)}no-size\r\n`;
    const answer = await open(get('first-of-two') + broken).closed();
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 400']);
    expect(await gateway.usageOf('second')).toMatchObject([{ error_code: 'invalid_http_request' }]);
  });
});
