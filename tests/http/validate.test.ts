import type { GatewayError } from '../../src/errors.ts';
import { chatRequest } from '../../src/http/requests/chat-schema.ts';
import { validate } from '../../src/http/validate.ts';
import { noPace } from '../support/pace.ts';
import { rejectionOf } from '../support/thrown.ts';

const user = { role: 'user', content: 'hi' };
const body = (more: Record<string, unknown> = {}) => ({ model: 'echo', messages: [user], ...more });
const withContent = (content: unknown) => body({ messages: [user, { role: 'user', content }] });
const refusal = async (value: unknown) =>
  (await rejectionOf(validate(chatRequest, value, noPace))) as GatewayError;

test('a valid body comes through, with the fields that we do not know', async () => {
  const value = body({ user: 'u', temperature: 0.5, messages: [{ ...user, name: 'n' }] });
  expect(await validate(chatRequest, value, noPace)).toEqual(value);
});

test.each([
  [{}, 'model'],
  [{ messages: [user] }, 'model'],
  [{ model: 'echo' }, 'messages'],
  [body({ messages: [{ content: 'hi' }] }), 'messages[0].role'],
  [body({ messages: [user, user, { role: 'user' }] }), 'messages[2].content'],
  [withContent([{ type: 'text', text: 'a' }, { type: 'text' }]), 'messages[1].content[1].text'],
  [withContent([{ text: 'a' }]), 'messages[1].content[0].type'],
])('%j lacks %s', async (value, param) => {
  expect(await refusal(value)).toMatchObject({ code: 'missing_required_parameter', status: 400, param });
});

test.each([
  [body({ model: 5 }), 'model'],
  [body({ model: null }), 'model'],
  [body({ messages: 'hi' }), 'messages'],
  [body({ messages: {} }), 'messages'],
  [body({ messages: ['hi'] }), 'messages[0]'],
  [body({ messages: [user, null] }), 'messages[1]'],
  [withContent(5), 'messages[1].content'],
  [withContent(null), 'messages[1].content'],
  [withContent(['hi']), 'messages[1].content[0]'],
  [withContent([{ type: 'text', text: 7 }]), 'messages[1].content[0].text'],
  [body({ stream: 'true' }), 'stream'],
  [body({ stream: 1 }), 'stream'],
  [body({ stop: 5 }), 'stop'],
  [body({ stop: [5] }), 'stop[0]'],
  [body({ stream_options: [] }), 'stream_options'],
  [body({ stream: true, stream_options: { include_usage: 'yes' } }), 'stream_options.include_usage'],
])('%j has the wrong type at %s', async (value, param) => {
  const error = await refusal(value);
  expect(error).toMatchObject({ code: 'invalid_type', status: 400, outcome: 'invalid_request', param });
  expect(error.message).toContain(`'${param}'`);
});

test.each([
  [body({ model: '' }), 'model'],
  [body({ messages: [] }), 'messages'],
  [body({ messages: [{ role: 'wizard', content: 'x' }] }), 'messages[0].role'],
  [withContent([]), 'messages[1].content'],
  [body({ stop: ['1', '2', '3', '4', '5'] }), 'stop'],
  [body({ stop: 'x'.repeat(257) }), 'stop'],
  [body({ stop: ['x', 'x'.repeat(257)] }), 'stop[1]'],
  [withContent([{ type: 'image_url', image_url: { url: 'x' } }]), 'messages[1].content[0].image_url.url'],
  [withContent([{ type: 'smell' }]), 'messages[1].content[0].type'],
])('%j has a wrong value at %s', async (value, param) => {
  expect(await refusal(value)).toMatchObject({ code: 'invalid_value', status: 400, param });
});

test.each([[null], [[]], ['text'], [5], [true]])(
  'a body of %j is no object, and no field is at fault',
  async (value) => {
    expect(await refusal(value)).toMatchObject({ code: 'invalid_type', param: null });
  },
);

test('the first field at fault is named', async () => {
  expect((await refusal({ model: 5, messages: 5, stream: 5 })).param).toBe('model');
});

test('null is as good as absent where the API says so', async () => {
  await expect(
    validate(chatRequest, body({ stream: null, stream_options: null }), noPace),
  ).resolves.toBeDefined();
});
