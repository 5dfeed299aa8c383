import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { connectWebsocket } from '../../../../src/backend/app-server/worker/websocket.ts';
import { createPace } from '../../../../src/pace.ts';

test('the reason with which an app-server closes is told by its size: every client with a turn on it would read it', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.close(1011, 'the prompt was kaleidoscope'));
  const { port } = server.address() as AddressInfo;
  const worker = connectWebsocket({
    url: `ws://127.0.0.1:${port}`,
    onLine: () => undefined,
    onOverlong: () => undefined,
    pace: createPace(),
  });
  const { error } = await worker.exited;
  server.close();
  expect(error).toBe('websocket closed with 1011 and 27 bytes of reason');
});
