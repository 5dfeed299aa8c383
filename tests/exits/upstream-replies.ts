import type { ServerResponse } from 'node:http';
import { frame, plainAnswer, sendJson, streamWords, UPSTREAM_USAGE } from '../support/upstream-server.ts';
import { breakOff, type ExitReply, type Replies } from './upstream.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream' };

const said = frame({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small-1',
  choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }],
});
const DONE = 'data: [DONE]\n\n';
const errorOf = (code: unknown) => ({ error: { message: 'no', type: 'x', param: null, code } });

/** Begins a stream with these bytes. */
const begins =
  (bytes: string, then: (response: ServerResponse) => unknown = () => undefined): ExitReply =>
  (response) => {
    response.writeHead(200, EVENTS);
    response.write(bytes, () => then(response));
  };

/** Begins a plain answer that is not yet whole. */
const halfJson =
  (then: (response: ServerResponse) => unknown = () => undefined): ExitReply =>
  (response) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' });
    response.write('{"id":"chatcmpl-1",', () => then(response));
  };

const reset: ExitReply = (response) => {
  response.destroy(new Error('the server fails'));
};

/** Writes without end, as fast as it is taken. */
const pours: ExitReply = (response) => {
  const much = frame({
    choices: [{ index: 0, delta: { content: 'much '.repeat(20_000) }, finish_reason: null }],
  });
  response.writeHead(200, EVENTS);
  const pour = (): void => {
    while (!response.destroyed && response.write(much));
  };
  response.on('drain', pour);
  pour();
};

/** The header by which a backend of the routes says what its server is to be. */
export const SAYS = 'x-says';

/** In seconds; longer than the gateway waits itself. */
export const RETRY_AFTER = '60';

const refusals: Replies = Object.fromEntries(
  [
    [400, 'bad_n'],
    [401, 'invalid_api_key'],
    [403, 'no_access'],
    [404, 'no_such_model'],
    [422, 'too_odd'],
    [429, 'slow_down'],
    [500, 'broken'],
    [503, 'busy'],
    [504, 'late'],
  ].map(([status, code]) => {
    const headers: Record<string, string> = status === 429 ? { 'retry-after': RETRY_AFTER } : {};
    return [`refuse-${status}`, sendJson(Number(status), errorOf(code), headers)];
  }),
);

/** What the server of the table does, by the word that a request has for it. */
export const REPLIES: Replies = {
  ...refusals,
  stream: streamWords('Hel', 'lo'),
  plain: plainAnswer('Hello'),
  'kept-plain': plainAnswer('Hello'),
  'kept-reset': (response, call) => (call.isReused ? reset : plainAnswer('Hello'))(response, call),
  embeddings: sendJson(200, {
    object: 'list',
    model: 'small-1',
    data: [{ object: 'embedding', index: 0, embedding: [0.1] }],
    usage: { prompt_tokens: 3, total_tokens: 3 },
  }),
  file: sendJson(200, { id: 'file-1', object: 'file' }),
  'too-big': sendJson(413, errorOf('too_big')),
  text: (response) => {
    response.writeHead(500, { 'content-type': 'text/plain' }).end('out of memory');
  },
  'error-in-stream': begins(said + frame(errorOf(500)), (response) => response.end()),
  'error-and-done': begins(said + frame(errorOf('server_error')) + DONE, (response) => response.end()),
  'error-with-200': sendJson(200, errorOf(429)),
  hangs: () => undefined,
  'begins-and-hangs': begins(said),
  'half-and-hangs': halfJson(),
  resets: reset,
  'cut-at-frame': begins(said, breakOff),
  'cut-in-frame': begins(`${said}data: {"choi`, breakOff),
  'half-and-cut': halfJson(breakOff),
  'no-terminal': begins(said, (response) => response.end()),
  'no-done': begins(
    said + frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: UPSTREAM_USAGE }),
    (response) => response.end(),
  ),
  'not-http': (response) => {
    response.socket?.end('SSH-2.0-OpenSSH\r\n\r\n');
  },
  pours,
  'calls-unknown': begins(
    frame({
      id: 'chatcmpl-1',
      model: 'small-1',
      choices: [
        {
          index: 0,
          delta: { tool_calls: [{ index: 0, id: 'call-1', function: { name: 'nope', arguments: '{}' } }] },
          finish_reason: 'tool_calls',
        },
      ],
    }) + DONE,
    (response) => response.end(),
  ),
  'busy-for-now': sendJson(503, errorOf('busy'), { 'retry-after': '9' }),
  'unless-busy': (response, call) =>
    (call.headers[SAYS] === 'busy' ? sendJson(503, errorOf('busy')) : streamWords('Hel', 'lo'))(
      response,
      call,
    ),
  'response-stream': begins(
    `event: response.completed\ndata: ${JSON.stringify({
      type: 'response.completed',
      response: {
        id: 'resp_1',
        model: 'small-1',
        status: 'completed',
        output: [],
        usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
      },
    })}\n\n`,
    (response) => response.end(),
  ),
};
