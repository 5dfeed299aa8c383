import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type GatewayProcess, type LogLine, startGateway } from '../support/gateway.ts';
import { ownSpansOf, phaseCounts } from '../support/records.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.remove());

const send = async (bytes: string): Promise<Socket> => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
};

/** The head of a request and the beginning of its body. */
const sendHalf = (reqId: string): Promise<Socket> =>
  send(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-request-id: ${reqId}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"model":`,
  );

const LEFT = { outcome: 'client_disconnect', error_code: 'client_disconnected', status_code: 499 };

/** It has left, in each record of the request, and has got no answer. */
const expectLeft = async (reqId: string): Promise<void> => {
  expect(await gateway.accessLine(reqId)).toMatchObject(LEFT);
  expect(await gateway.usageOf(reqId)).toMatchObject([LEFT]);
  const lines = await gateway.waitForMirror(
    (all) => ownSpansOf(all, reqId).some(({ span_kind }) => span_kind === 'SERVER') && all,
  );
  expect(phaseCounts(lines, reqId)).toEqual({ http_ingress: 1, usage_summary: 1 });
  const server = ownSpansOf(lines, reqId).find(({ span_kind }) => span_kind === 'SERVER');
  expect(server?.otlp.status?.code ?? 0).toBe(0);
  expect(JSON.stringify(server?.otlp.attributes)).not.toContain('http.response.status_code');
};

test.each([
  ['closes its side', 'half-closed', (socket: Socket) => socket.end()],
  ['is gone', 'gone', (socket: Socket) => socket.destroy()],
] as const)(
  'a client that %s within its body has left, and sent no wrong request',
  async (_, reqId, leave) => {
    const socket = await sendHalf(reqId);
    leave(socket);
    await expectLeft(reqId);
    // The gateway keeps no half of a connection.
    if (!socket.destroyed) await once(socket.resume(), 'close');
  },
);

const isOfNoRoute = (line: LogLine): boolean => line['kind'] === 'access' && line['route'] === 'other';

test.each([
  ['closes its side', (socket: Socket) => socket.end()],
  ['is gone', (socket: Socket) => socket.destroy()],
] as const)('a client that %s within its head has left, too', async (_, leave) => {
  const before = gateway.log.filter(isOfNoRoute);
  const socket = await send('POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthor');
  leave(socket);
  const { req_id } = await gateway.waitForLog((line) => isOfNoRoute(line) && !before.includes(line));
  await expectLeft(String(req_id));
  if (!socket.destroyed) expect(await socket.toArray()).toEqual([]);
});

test('a client that leaves within a second head behind an answer has got that answer', async () => {
  const before = gateway.log.filter(isOfNoRoute);
  const socket = await send('GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nGET /v1/mod');
  socket.end();
  const answer = Buffer.concat(await socket.toArray()).toString();
  expect(answer.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 200']);
  const { req_id } = await gateway.waitForLog((line) => isOfNoRoute(line) && !before.includes(line));
  await expectLeft(String(req_id));
});
