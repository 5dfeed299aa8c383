import { createServer } from 'node:http';
import { serveOnLoopback } from './serve.ts';

/** Takes OTLP/JSON, keeps nothing, and counts the spans. `GET /` tells what came. */

const SPAN = '"startTimeUnixNano"';
const counts = { exports: 0, spans: 0, bytes: 0 };

const countSpans = (body: Buffer): number => {
  let spans = 0;
  for (let at = body.indexOf(SPAN); at >= 0; at = body.indexOf(SPAN, at + SPAN.length)) spans++;
  return spans;
};

const server = createServer((request, response) => {
  if (request.method === 'GET') return void response.end(JSON.stringify(counts));
  const parts: Buffer[] = [];
  request.on('data', (bytes: Buffer) => parts.push(bytes));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    counts.exports++;
    counts.bytes += body.length;
    counts.spans += request.url?.endsWith('/traces') ? countSpans(body) : 0;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
serveOnLoopback(server);
