import { STATUS_CODES } from 'node:http';
import { ERRORS, type ErrorCode, errorBody, GatewayError, toGatewayError } from '../src/errors.ts';
import { OUTCOMES } from '../src/telemetry/phases.ts';

const IDS = { reqId: 'req_1', traceId: 'f00' };
const rows = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

test.each(rows)('%s has a status of an error, a type and an outcome of the closed list', (code, row) => {
  expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  expect(row.status === 499 || (row.status >= 400 && row.status in STATUS_CODES)).toBe(true);
  expect(row.type).toMatch(/_error$/);
  expect(OUTCOMES).toContain(row.outcome);
  expect(row.outcome).not.toBe('completed');
});

test('what may succeed when it is sent again is what clients retry by its status, but for an answer that is too large', () => {
  for (const [code, { status, retryable, advice }] of rows) {
    const isRetried = [408, 429].includes(status) || status >= 500;
    expect([code, retryable]).toEqual([code, isRetried && code !== 'answer_too_large']);
    expect(advice).not.toBe('');
  }
});

test('every outcome that is not a success has a code that ends with it', () => {
  const reached = new Set<string>(rows.map(([, { outcome }]) => outcome));
  expect(OUTCOMES.filter((outcome) => !reached.has(outcome))).toEqual(['completed']);
});

test.each([
  ['invalid_request', 400],
  ['unauthorized', 401],
  ['not_found', 404],
  ['rate_limited', 429],
  ['client_disconnect', 499],
  ['gateway_error', 500],
  ['backend_error', 502],
  ['backend_exit', 502],
  ['overloaded', 503],
] as const)('a request that ends as %s has the status %d, or one of its kind', (outcome, status) => {
  const statuses = rows.filter(([, row]) => row.outcome === outcome).map(([, row]) => row.status as number);
  expect(statuses).toContain(status);
  for (const each of statuses) expect(Math.floor(each / 100)).toBe(Math.floor(status / 100));
});

test('what is the client’s fault is named so, and what is ours is not', () => {
  for (const [, { status, type }] of rows) {
    if (status >= 500) expect(['server_error', 'timeout_error']).toContain(type);
    else expect(type).not.toBe('server_error');
  }
});

test('an error takes status and outcome from its code', () => {
  const error = new GatewayError('model_not_found', 'No such model.', { param: 'model' });
  expect(error).toMatchObject({
    name: 'GatewayError',
    code: 'model_not_found',
    status: 404,
    outcome: 'not_found',
    param: 'model',
  });
  expect(error).toBeInstanceOf(Error);
  expect(new GatewayError('internal_error', 'x')).toMatchObject({ param: null, headers: {} });
});

test('the envelope is the one of the API, with the request id, and its code is never null', () => {
  for (const [code, { type }] of rows) {
    expect(errorBody(new GatewayError(code, 'Words.', { cause: new Error('inner') }), IDS)).toEqual({
      error: { message: 'Words.', type, param: null, code, request_id: 'req_1', trace_id: 'f00' },
    });
  }
});

test('what a message quotes of the client may be of any length: its beginning is kept, and the message stays short', () => {
  const id = '😀'.repeat(1_000_000);
  const error = new GatewayError('model_not_found', `The model '${id}' does not exist.`, { param: id });
  expect(error.message).toMatch(/^The model '😀{100}.*… \(2000028 characters\)$/u);
  for (const text of [error.message, error.param ?? '']) {
    expect(text.length).toBeLessThan(2000);
    expect(text.isWellFormed()).toBe(true);
  }
});

test('an error of ours passes as it is', () => {
  const error = new GatewayError('backend_error', 'x');
  expect(toGatewayError(error)).toBe(error);
});

test.each([new Error('postgres://user:pass@host'), 'text', undefined, null, 5])(
  'whatever else is thrown is ours: its words are kept as the cause and told to nobody',
  (thrown) => {
    const error = toGatewayError(thrown);
    expect(error).toMatchObject({ code: 'internal_error', status: 500, outcome: 'gateway_error' });
    expect(error.cause).toBe(thrown);
    expect(JSON.stringify(errorBody(error, IDS))).not.toContain('pass@host');
  },
);
