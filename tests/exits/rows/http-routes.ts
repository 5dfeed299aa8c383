import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closedOrigin, startRawServer } from '../../support/http-server.ts';
import { request, response } from '../requests.ts';
import { completed, failedLate, leavesAfter, left, type Row, reads, readsWhile, refused } from '../row.ts';
import type { ExitUpstream } from '../upstream.ts';
import { SAYS } from '../upstream-replies.ts';
import { answerBegan } from '../when.ts';
import { type Keep, streams, whole, withUpstream } from './http.ts';

/** Backends of all kinds of trouble; each has its own circuit, and its own times. A model is called as its backend is. */
const routesOf = (url: string, gone: string, deaf: string): string => `
backends:
  up: { kind: http, url: "${url}", passthrough: true }
  chats: { kind: http, url: "${url}", apis: [chat] }
  late: { kind: http, url: "${url}", timeouts: { first_byte_ms: 1000 } }
  silent: { kind: http, url: "${url}", timeouts: { idle_ms: 1500 } }
  gone: { kind: http, url: "${gone}/v1" }
  deaf: { kind: http, url: "${deaf}/v1", timeouts: { connect_ms: 500 } }
  busy: { kind: http, url: "${url}", headers: { ${SAYS}: busy } }
models:
  - { match: chats, backend: chats }
  - { match: late, backend: late }
  - { match: silent, backend: silent }
  - { match: gone, backend: gone }
  - { match: deaf, backend: deaf }
  - { match: gone-or-up, backend: gone, fallback: [up] }
  - { match: busy-or-up, backend: busy, fallback: [up] }
  - { match: gone-or-busy, backend: gone, fallback: [busy] }
  - { match: busy-or-gone, backend: busy, fallback: [gone] }
`;

/** The environment of a gateway with these routes. */
const withRoutes = async (routes: string, keep: Keep): Promise<Record<string, string>> => {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-exits-'));
  keep(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'routes.yaml');
  await writeFile(path, routes);
  return { PROXY_ROUTES: path };
};

const open = async (url: string, keep: Keep): Promise<Record<string, string>> => {
  // It takes connections and says nothing: the handshake of TLS never ends.
  const deaf = await startRawServer(() => undefined);
  keep(deaf.close);
  const routes = routesOf(url, await closedOrigin(), deaf.origin.replace('http:', 'https:'));
  return { ...(await withRoutes(routes, keep)), PROXY_BODY_TIMEOUT_MS: '3000' };
};

const form = (word: string): string =>
  `--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n[[${word}]]\r\n--b--\r\n`;

/** An upload to the only backend that takes any path; of a length that it may not have. */
const upload = (word: string, headers: Readonly<Record<string, string>> = {}, path = '/v1/files') =>
  request({
    method: 'POST',
    path,
    headers: { 'content-type': 'multipart/form-data; boundary=b', ...headers },
    body: form(word),
  });
const halfUpload = (word: string, path?: string) => upload(word, { 'content-length': '1000000' }, path);

const TOO_LONG = 13 * 1024 * 1024;
/** A body in chunks, without an end. */
const chunked = request({
  method: 'POST',
  path: '/v1/files',
  headers: { 'content-type': 'multipart/form-data; boundary=b', 'transfer-encoding': 'chunked' },
});

const of = (model: string) => ({ model });

const troubles: readonly Row[] = [
  {
    name: 'because nobody listens where the server should be',
    run: reads(streams('stream', of('gone'))),
    expected: refused(502, 'backend_unreachable', 'backend_error', '+!-++'),
  },
  {
    name: 'because the server takes no connection in time',
    run: reads(whole('plain', of('deaf'))),
    expected: refused(504, 'backend_connect_timeout', 'timeout', '+!-++'),
  },
  {
    name: 'because the server does not begin its answer in time',
    run: reads(streams('hangs', of('late'))),
    expected: refused(504, 'backend_first_byte_timeout', 'timeout', '++!++'),
  },
  {
    name: 'because the server falls silent in mid-stream',
    run: reads(streams('begins-and-hangs', of('silent'))),
    expected: failedLate('backend_idle_timeout', 'timeout'),
  },
  {
    name: 'because the server falls silent before a plain answer is whole',
    run: reads(whole('half-and-hangs', of('silent'))),
    expected: refused(504, 'backend_idle_timeout', 'timeout', '++!++'),
  },
];

/** Rows of models that two backends have. */
const fallbacks: readonly Row[] = [
  {
    name: 'with an answer of the backend behind one that is gone',
    run: reads(streams('stream', of('gone-or-up'))),
    expected: completed('stream, [DONE]'),
  },
  {
    name: 'with an answer of the backend behind one that is busy',
    run: reads(streams('unless-busy', of('busy-or-up'))),
    expected: completed('stream, [DONE]'),
  },
  {
    name: 'because the first backend is gone, and the one behind it is busy',
    run: reads(streams('unless-busy', of('gone-or-busy'))),
    expected: refused(503, 'backend_overloaded', 'overloaded', '++!++'),
  },
  {
    name: 'because the first backend is busy, and the one behind it is gone',
    run: reads(streams('unless-busy', of('busy-or-gone'))),
    expected: refused(502, 'backend_unreachable', 'backend_error', '+!-++'),
  },
  {
    name: 'because no backend that answers has the model, and one does not answer',
    run: reads(whole('plain', of('none'))),
    expected: refused(503, 'backend_unavailable', 'overloaded', '+!-++'),
  },
];

const chats = of('chats');
const weather = { tools: [{ type: 'function', name: 'weather', parameters: { type: 'object' } }] };

/** Rows of the Responses API on a server that has Chat Completions alone. */
const translated: readonly Row[] = [
  {
    name: 'with a streamed answer that is translated',
    run: reads(response('[[stream]]', { ...chats, stream: true })),
    expected: completed('stream, response.completed'),
  },
  {
    name: 'with a plain answer that is translated',
    run: reads(response('[[stream]]', chats)),
    expected: completed('JSON'),
  },
  {
    name: 'because the server refuses what was translated',
    run: reads(response('[[refuse-400]]', { ...chats, stream: true })),
    expected: refused(400, 'backend_refused_request', 'invalid_request', '++!++'),
  },
  {
    name: 'because the server breaks off what is translated',
    run: reads(response('[[cut-at-frame]]', { ...chats, stream: true })),
    expected: failedLate('backend_error', 'backend_error', { answer: 'stream, response.failed' }),
  },
  {
    name: 'because the client leaves what is translated',
    run: leavesAfter(response('[[begins-and-hangs]]', { ...chats, stream: true }), answerBegan),
    expected: left({ status: 200, answer: 'stream, cut', phases: '+++++', recorded: 200 }),
  },
  {
    name: 'because the model has twice called a tool that it does not have',
    run: reads(response('[[calls-unknown]]', { ...chats, ...weather })),
    expected: refused(502, 'unknown_tool_called', 'backend_error', '++!++'),
  },
];

const uploads = (upstream: () => ExitUpstream): readonly Row[] => [
  {
    name: 'with an upload that the server has taken',
    run: reads(upload('file')),
    expected: completed('JSON', { usage: 'missing', finish: null }),
  },
  {
    name: 'because the server refuses an upload',
    run: reads(upload('too-big')),
    expected: refused(413, 'backend_refused_request', 'invalid_request', '++!++'),
  },
  {
    name: 'because the client leaves in the middle of its upload',
    run: leavesAfter(halfUpload('file'), ({ reqId }) => upstream().reached(reqId)),
    expected: left({ phases: '++--+' }),
  },
  {
    name: 'because the server refuses an upload that has not come yet',
    run: reads(halfUpload('file', '/v1/files?do=%5B%5Btoo-big%5D%5D')),
    expected: refused(413, 'backend_refused_request', 'invalid_request', '++!++'),
  },
  {
    name: 'because the client sends no more of its upload',
    run: reads(halfUpload('file')),
    expected: refused(408, 'request_timeout', 'timeout', '++-++'),
  },
  {
    name: 'because its upload says that it is too long',
    run: reads(upload('file', { 'content-length': String(TOO_LONG) })),
    expected: refused(413, 'request_too_large', 'invalid_request'),
  },
  {
    name: 'because its upload grows too long',
    run: readsWhile(chunked, async (_, wire) => {
      wire.send(`${TOO_LONG.toString(16)}\r\n${'x'.repeat(TOO_LONG)}\r\n`);
    }),
    expected: refused(413, 'request_too_large', 'invalid_request', '++-++'),
  },
];

export const httpRoutes = withUpstream(
  'http-routes',
  (upstream) => [...troubles, ...fallbacks, ...translated, ...uploads(upstream)],
  { env: open },
);

const LARGE = 'x'.repeat(11 * 1024 * 1024);

/** A server that reads no body. */
export const httpUploads = withUpstream(
  'http-uploads',
  () => [
    {
      name: 'because the server takes no more of an upload',
      run: reads(
        request({
          method: 'POST',
          path: '/v1/files?do=%5B%5Bhangs%5D%5D',
          headers: { 'content-type': 'application/octet-stream' },
          body: LARGE,
        }),
      ),
      expected: refused(504, 'backend_idle_timeout', 'timeout', '+!-++'),
    },
  ],
  {
    env: (url, keep) =>
      withRoutes(
        `backends: { up: { kind: http, url: "${url}", passthrough: true, timeouts: { idle_ms: 1500 } } }\n`,
        keep,
      ),
  },
);
