import { Agent, createServer, request } from 'node:http';
import { serveOnLoopback, upstreamUrl } from './serve.ts';

/** A bare relay of bytes on `node:http`: nothing is read, parsed or traced. */

const upstream = upstreamUrl();
const agent = new Agent({ keepAlive: true, maxFreeSockets: 2_000 });

const server = createServer((incoming, response) => {
  const { host: _, ...headers } = incoming.headers;
  const outgoing = request(
    `${upstream}${incoming.url}`,
    { agent, method: incoming.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
});
serveOnLoopback(server);
