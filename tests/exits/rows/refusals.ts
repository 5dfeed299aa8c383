import { API_KEYS, type Bytes, chat, ECHO, post, request, unfinished } from '../requests.ts';
import { leavesAfter, left, type Profile, reads, readsWhile, refused } from '../row.ts';
import { untilLoad } from '../when.ts';

const CHAT = '/v1/chat/completions';
const TOO_LONG = 33 * 1024 * 1024;

const invalid = (code: string, status = 400) => refused(status, code, 'invalid_request');
const raw =
  (text: string): Bytes =>
  (reqId) =>
    text.replace('\r\n', `\r\nx-request-id: ${reqId}\r\n`);

const unansweredCall = [
  { role: 'user', content: 'hi' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call-1', type: 'function', function: { name: 'f', arguments: '{}' } }],
  },
  { role: 'user', content: 'and?' },
];

/** A web page drives the browser of a user on whose machine a gateway without keys runs. */
export const pages: Profile = {
  name: 'pages',
  open: () => ({}),
  rows: [
    {
      name: 'because a web page has bound its own name to the address',
      run: reads(chat('hi', { headers: { host: 'evil.example' } })),
      expected: refused(403, 'host_not_allowed', 'unauthorized'),
    },
    {
      name: 'because it is from a page of another site',
      run: reads(chat('hi', { headers: { origin: 'https://evil.example' } })),
      expected: refused(403, 'origin_not_allowed', 'unauthorized'),
    },
    {
      name: 'because it has two Host headers',
      run: reads(
        raw('GET /v1/models HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
      ),
      expected: invalid('invalid_http_request'),
    },
  ],
};

/** Requests that end before any backend has heard of them. */
export const refusals: Profile = {
  name: 'refusals',
  open: () => ({ PROXY_API_KEYS: API_KEYS }),
  rows: [
    {
      name: 'because its body is no JSON',
      run: reads(post(CHAT, '{"model":')),
      expected: invalid('invalid_json'),
    },
    {
      name: 'because a websocket is asked for',
      run: reads(
        request({ path: '/v1/responses', headers: { connection: 'close, upgrade', upgrade: 'websocket' } }),
      ),
      expected: invalid('websocket_not_supported', 426),
    },
    {
      name: 'because a parameter is missing',
      run: reads(post(CHAT, { model: ECHO })),
      expected: invalid('missing_required_parameter'),
    },
    {
      name: 'because a parameter has the wrong type',
      run: reads(post(CHAT, { model: 5, messages: [] })),
      expected: invalid('invalid_type'),
    },
    {
      name: 'because a parameter has no valid value',
      run: reads(chat('hi', { messages: [] })),
      expected: invalid('invalid_value'),
    },
    {
      name: 'because a parameter is not supported',
      run: reads(chat('hi', { n: 2 })),
      expected: invalid('unsupported_parameter'),
    },
    {
      name: 'because a tool call of its conversation has no result',
      run: reads(chat('hi', { messages: unansweredCall })),
      expected: invalid('invalid_value'),
    },
    {
      name: 'because its deadline is no time',
      run: reads(chat('hi', { headers: { 'x-request-timeout-ms': 'soon' } })),
      expected: invalid('invalid_value'),
    },
    {
      name: 'because it has no key',
      run: reads(chat('hi', { headers: { authorization: '' } })),
      expected: refused(401, 'invalid_api_key', 'unauthorized'),
    },
    {
      name: 'because its key is wrong',
      run: reads(chat('hi', { headers: { authorization: 'Bearer wrong' } })),
      expected: refused(401, 'invalid_api_key', 'unauthorized'),
    },
    {
      name: 'because it has no key, whatever becomes of its body',
      run: reads(
        request({
          method: 'POST',
          path: CHAT,
          headers: { authorization: '', 'content-length': String(TOO_LONG) },
        }),
      ),
      expected: refused(401, 'invalid_api_key', 'unauthorized'),
    },
    {
      name: 'because there is no such route',
      run: reads(request({ path: '/v1/nowhere' })),
      expected: refused(404, 'route_not_found', 'not_found'),
    },
    {
      name: 'because there is no such model',
      run: reads(chat('hi', { model: 'none' })),
      expected: refused(404, 'model_not_found', 'not_found', '++-++'),
    },
    {
      name: 'because the route does not take its method',
      run: reads(request({ path: CHAT })),
      expected: invalid('method_not_allowed', 405),
    },
    {
      name: 'because its body is too long',
      run: reads(post(CHAT, `{"model":"${'x'.repeat(TOO_LONG)}"}`)),
      expected: invalid('request_too_large', 413),
    },
    {
      name: 'because its body is of another type',
      run: reads(
        request({ method: 'POST', path: CHAT, body: 'hi', headers: { 'content-type': 'text/plain' } }),
      ),
      expected: invalid('unsupported_media_type', 415),
    },
    {
      name: 'because its head is longer than the parser takes',
      run: reads(request({ path: '/v1/models', headers: { 'x-long': 'x'.repeat(20_000) } })),
      expected: invalid('request_header_fields_too_large', 431),
    },
    {
      name: 'because it is no HTTP',
      run: reads(raw('this is no request\r\n\r\n')),
      expected: invalid('invalid_http_request'),
    },
    {
      name: 'because it has no Host header',
      run: reads(raw('GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n')),
      expected: invalid('invalid_http_request'),
    },
    {
      name: 'because its body breaks off in the middle of a chunk',
      run: readsWhile(
        request({
          method: 'POST',
          path: CHAT,
          headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        }),
        async (_, wire) => wire.send('not-a-size\r\n'),
      ),
      expected: invalid('invalid_http_request'),
    },
    {
      name: 'because it takes the gateway for a proxy (CONNECT)',
      run: reads(raw('CONNECT example.invalid:443 HTTP/1.1\r\nhost: example.invalid\r\n\r\n')),
      expected: invalid('method_not_allowed', 405),
    },
    {
      name: 'because the client leaves while it sends the body',
      run: leavesAfter(unfinished, ({ gateway }) =>
        untilLoad(gateway, ({ open_requests }) => open_requests > 0),
      ),
      expected: left({}),
      alone: true,
    },
    {
      name: 'because the client closes within its head',
      run: readsWhile(raw(`POST ${CHAT} HTTP/1.1\r\nauthor`), async (_, wire) => wire.close()),
      // Nothing of the head counts, its id included.
      findReqId: async (gateway) => {
        const line = await gateway.waitForLog(
          ({ route, error_code }) => route === 'other' && error_code === 'client_disconnected',
        );
        return String(line['req_id']);
      },
      expected: left({}),
    },
  ],
};
