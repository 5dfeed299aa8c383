import { refuseByField } from '../../../src/backend/app-server/refusals.ts';
import { RpcError } from '../../../src/backend/app-server/rpc/pending.ts';
import type { Turn } from '../../../src/gateway/turn.ts';
import { refusalOf } from '../../support/thrown.ts';

const turn = (api: string) => ({ answer: { api } }) as unknown as Turn;
const refuse = (message: string, api: string) => () =>
  refuseByField(turn(api))(new RpcError('thread/start', { code: -32600, message }));
const refused = (message: string, api = 'chat') => refusalOf(refuse(message, api));

test.each([
  'dynamic tool name is reserved: mcp',
  'duplicate dynamic tool name: a',
  'dynamic tool input schema is not supported for t: invalid type: null, expected struct JsonSchema',
])('%s is a 400 that names the tools', (message) => {
  expect(refused(message)).toMatchObject({ code: 'invalid_value', status: 400, param: 'tools' });
});

test.each([
  ['chat', 'messages'],
  ['completions', 'prompt'],
  ['responses', 'input'],
])('an image that cannot be taken is a 400 that names what %s calls the conversation', (api, param) => {
  const message = 'remote image URLs are not supported; use an inline data URL instead';
  expect(refused(message, api)).toMatchObject({ status: 400, param });
});

test('what names no field of the client’s stays the backend’s error', () => {
  expect(refuse('thread not found', 'chat')).toThrow(RpcError);
  const other = new Error('dynamic tool');
  expect(() => refuseByField(turn('chat'))(other)).toThrow(other);
});
