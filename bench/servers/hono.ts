import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { Agent, request } from 'undici';
import { serveOnLoopback, upstreamUrl } from './serve.ts';

/**
 * The untraced floor: what a gateway costs that does nothing but pass requests on, with `fetch` or with undici's `request`
 * (`--undici`).
 */

const upstream = upstreamUrl();
const agent = new Agent({ connections: 2_000, pipelining: 1 });
const HEADERS = { 'content-type': 'application/json' };

const byFetch = async (path: string, body: string): Promise<Response> => {
  const answer = await fetch(`${upstream}${path}`, { method: 'POST', headers: HEADERS, body });
  const type = answer.headers.get('content-type') ?? 'application/json';
  return new Response(answer.body, { status: answer.status, headers: { 'content-type': type } });
};

const byUndici = async (path: string, body: string): Promise<Response> => {
  const answer = await request(`${upstream}${path}`, {
    method: 'POST',
    headers: HEADERS,
    body,
    dispatcher: agent,
  });
  const type = String(answer.headers['content-type'] ?? 'application/json');
  const bytes = Readable.toWeb(answer.body) as ReadableStream<Uint8Array>;
  return new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>, {
    status: answer.statusCode,
    headers: { 'content-type': type },
  });
};

const pass = process.argv.includes('--undici') ? byUndici : byFetch;
const app = new Hono();
app.post('/*', async (context) => pass(context.req.path, await context.req.text()));
serveOnLoopback(createServer(getRequestListener(app.fetch)));
