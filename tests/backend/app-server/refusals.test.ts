import { refuseBySubject, toBackendError } from '../../../src/backend/app-server/refusals.ts';
import { RpcCallError } from '../../../src/backend/app-server/rpc/pending.ts';
import { refusalOf } from '../../support/thrown.ts';

const rpcError = (message: string) => new RpcCallError('thread/start', { code: -32600, message });
const refused = (message: string) => refusalOf(() => refuseBySubject(rpcError(message)));

test.each([
  'dynamic tool name is reserved: mcp',
  'duplicate dynamic tool name: a',
  'dynamic tool input schema is not supported for t: invalid type: null, expected struct JsonSchema',
])('%s is a 400 of the tools', (message) => {
  expect(refused(message)).toMatchObject({ code: 'invalid_value', status: 400, subject: 'tools' });
});

test('an image that cannot be taken is a 400 of the conversation', () => {
  const message = 'remote image URLs are not supported; use an inline data URL instead';
  expect(refused(message)).toMatchObject({
    status: 400,
    subject: 'conversation',
    message: expect.stringContaining(message),
  });
});

test('an effort that cannot be taken is a 400 of the effort, in words of no API', () => {
  const error = refused('reasoning_effort must not be empty');
  expect(error).toMatchObject({ status: 400, subject: 'effort', param: null });
  expect(error.message).not.toContain('reasoning_effort');
});

test('a conversation that the backend can never hold is a 400 that says so', () => {
  expect(refused('the conversation is too large: over 9 characters')).toMatchObject({
    code: 'context_length_exceeded',
    status: 400,
    subject: 'conversation',
    message: expect.stringContaining('the conversation is too large'),
  });
});

test('one that it has no room for now is a 503', () => {
  const thrown = new RpcCallError('turn/start', { code: -32001, message: 'Server overloaded: no room' });
  expect(refusalOf(() => toBackendError(thrown))).toMatchObject({
    code: 'backend_overloaded',
    status: 503,
    cause: thrown,
  });
});

test('what is of nothing that the client sent is the backend’s error, its words kept for the trace', () => {
  const thrown = rpcError('cannot read /srv/config of http://10.0.0.1');
  expect(() => refuseBySubject(thrown)).toThrow(thrown);
  const error = refusalOf(() => toBackendError(thrown));
  expect(error).toMatchObject({ code: 'backend_error', cause: thrown });
  expect(error.message).not.toMatch(/srv|10\.0\.0\.1/);
});

test('what is no refusal stays as it is', () => {
  const other = new Error('dynamic tool');
  expect(() => refuseBySubject(other)).toThrow(other);
  expect(() => toBackendError(other)).toThrow(other);
});
