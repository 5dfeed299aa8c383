import {
  answerHeaders,
  requestHeaders,
  shownRequestHeaders,
} from '../../../../src/backend/http-upstream/relay/headers.ts';
import { httpSettings } from '../../../support/http-settings.ts';

const SENDER = {
  version: '1.2.3',
  reqId: 'req_1',
  carrier: { traceparent: '00-a-b-01', tracestate: 'throughline=req_1' },
};

const CLIENT = {
  'content-type': 'application/json',
  accept: 'text/event-stream',
  'openai-beta': 'assistants=v2',
  'openai-organization': 'org',
  'openai-project': 'proj',
  'idempotency-key': 'idem',
  authorization: 'Bearer client-key',
  'x-api-key': 'client-key',
  cookie: 'a=b',
  'user-agent': 'curl',
  'accept-encoding': 'gzip',
  connection: 'keep-alive',
  te: 'trailers',
  'x-forwarded-for': '10.0.0.1',
  traceparent: '00-client',
  tracestate: 'client=1',
  baggage: 'a=b',
  'x-request-id': 'req_client',
};

const PASSED = {
  'content-type': 'application/json',
  accept: 'text/event-stream',
  'openai-beta': 'assistants=v2',
  'openai-organization': 'org',
  'openai-project': 'proj',
  'idempotency-key': 'idem',
};

test('a backend that is not trusted gets the listed headers, its own key and the request id', () => {
  expect(requestHeaders(httpSettings({ key: 'own-key', trust: false }), CLIENT, SENDER)).toEqual({
    ...PASSED,
    'user-agent': 'throughline/1.2.3',
    'accept-encoding': 'identity',
    authorization: 'Bearer own-key',
    'x-request-id': 'req_1',
  });
});

test('a backend that is trusted is told the trace and who forwards as well', () => {
  expect(requestHeaders(httpSettings({ trust: true }), CLIENT, SENDER)).toEqual({
    ...PASSED,
    'user-agent': 'throughline/1.2.3',
    'accept-encoding': 'identity',
    'x-request-id': 'req_1',
    'x-upstream-service': 'throughline',
    traceparent: '00-a-b-01',
    tracestate: 'throughline=req_1',
  });
});

test("the client's key goes on where the route forwards it, and the backend's does not", () => {
  const forward = httpSettings({ auth: 'forward', key: 'own-key' });
  expect(requestHeaders(forward, CLIENT, SENDER)['authorization']).toBe('Bearer client-key');
  expect(requestHeaders(forward, {}, SENDER)).not.toHaveProperty('authorization');
});

test('configured headers win over those of the client, and lose against those of the gateway', () => {
  const headers = {
    'X-Team': 'core',
    Accept: 'application/json',
    Host: 'elsewhere',
    'Content-Length': '3',
    Connection: 'close',
    'X-Request-Id': 'mine',
    Traceparent: '00-mine',
    Authorization: 'Bearer configured',
  };
  const sent = requestHeaders(httpSettings({ headers, key: 'own-key' }), CLIENT, SENDER);
  expect(sent).toMatchObject({ 'x-team': 'core', accept: 'application/json', 'x-request-id': 'req_1' });
  expect(sent['authorization']).toBe('Bearer own-key');
  for (const name of ['host', 'content-length', 'connection', 'traceparent'])
    expect(sent).not.toHaveProperty(name);
});

test('telemetry is shown no key, and nothing that the configuration adds', () => {
  const settings = httpSettings({ key: 'own-key', headers: { 'x-team': 'secret-team' }, trust: true });
  const shown = shownRequestHeaders(requestHeaders(settings, CLIENT, SENDER));
  expect(Object.keys(shown)).not.toContain('authorization');
  expect(Object.keys(shown)).not.toContain('x-team');
  expect(shown['x-request-id']).toBe('req_1');
});

test('of an answer the headers of the list go on', () => {
  const { headers, shownHeaders } = answerHeaders({
    'content-type': 'application/json',
    'content-length': '2',
    'retry-after': '1',
    'x-ratelimit-remaining-requests': '9',
    'openai-processing-ms': '12',
    'x-should-retry': 'false',
    etag: '"e"',
    'cache-control': ['no-store', 'private'],
    'set-cookie': ['a=b'],
    server: 'uvicorn',
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    'x-request-id': 'theirs',
    'x-powered-by': 'x',
    'access-control-allow-origin': '*',
  });
  expect(headers).toEqual({
    'content-type': 'application/json',
    'content-length': '2',
    'retry-after': '1',
    'x-ratelimit-remaining-requests': '9',
    'openai-processing-ms': '12',
    'x-should-retry': 'false',
    etag: '"e"',
    'cache-control': 'no-store, private',
  });
  expect(shownHeaders).toEqual({
    ...headers,
    server: 'uvicorn',
    'x-request-id': 'theirs',
    'transfer-encoding': 'chunked',
  });
});
