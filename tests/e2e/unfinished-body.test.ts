import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { ownSpansOf, phaseCounts } from '../support/records.ts';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.remove());

/** The head of a request and the beginning of its body. */
const sendHalf = async (reqId: string): Promise<Socket> => {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: ${reqId}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"model":`,
  );
  return socket;
};

test.each([
  ['closes its side', 'half-closed', (socket: Socket) => socket.end()],
  ['is gone', 'gone', (socket: Socket) => socket.destroy()],
] as const)(
  'a client that %s within its body has left, and sent no wrong request',
  async (_, reqId, leave) => {
    const socket = await sendHalf(reqId);
    leave(socket);
    expect(await gateway.accessLine(reqId)).toMatchObject({
      outcome: 'client_disconnect',
      error_code: 'client_disconnected',
      status_code: 499,
    });
    expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome: 'client_disconnect', status_code: 499 }]);
    const lines = await gateway.waitForMirror(
      (all) => ownSpansOf(all, reqId).some(({ span_kind }) => span_kind === 'SERVER') && all,
    );
    expect(phaseCounts(lines, reqId)).toMatchObject({ http_ingress: 1, usage_summary: 1 });
    // The gateway keeps no half of a connection.
    if (!socket.destroyed) await once(socket.resume(), 'close');
  },
);
