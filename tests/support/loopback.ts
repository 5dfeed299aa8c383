import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export type Loopback = { url: string; close(): Promise<void> };

/** An HTTP server on 127.0.0.1; `port` 0 takes any free one. `close` also ends the sockets that hang, so no test waits for them. */
export async function listenOnLoopback(handler: RequestListener, port = 0): Promise<Loopback> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;

  return {
    url: `http://127.0.0.1:${bound}`,
    close() {
      closing ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

/** The parsed JSON body, unpacked where the sender compressed it (an OTLP exporter may). */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return JSON.parse(
    (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'),
  );
}
