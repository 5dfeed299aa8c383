import { prepareBody } from '../../../../src/backend/http-upstream/relay/prepare-body.ts';
import type { HttpBackendSettings } from '../../../../src/gateway/http-backend-settings.ts';
import type { RelayRequest } from '../../../../src/gateway/relay.ts';
import { relayRequestOf } from '../../../support/http-backend.ts';
import { httpSettings } from '../../../support/http-settings.ts';
import { noPace } from '../../../support/pace.ts';

const prepare = async (
  value: unknown,
  request: Partial<RelayRequest> = {},
  settings: Partial<HttpBackendSettings> = {},
  options: { model?: string | null; mayAskUsage?: boolean } = {},
) => {
  const { body, ...rest } = await prepareBody(
    httpSettings(settings),
    relayRequestOf(value, request),
    { model: null, reqId: 'req_1', mayAskUsage: true, ...options },
    noPace,
  );
  return { ...rest, text: body.type === 'bytes' ? Buffer.from(body.bytes).toString('utf8') : body };
};

test('what telemetry shows is what is sent', async () => {
  const value = { model: 'm', stream: true, metadata: { a: '1' }, stream_options: null };
  const { text, shown, asksUsage } = await prepare(
    value,
    {},
    { trust: true, metadata: true },
    { model: 'n' },
  );
  expect(asksUsage).toBe(true);
  expect(JSON.parse(String(text))).toEqual({
    model: 'n',
    stream: true,
    metadata: { a: '1', request_id: 'req_1', source_service: 'throughline' },
    stream_options: { include_usage: true },
  });
  expect(shown).toEqual(JSON.parse(String(text)));
});

test.each([
  ['the model is the same', { model: 'm' }, {}, {}, { model: 'm' }],
  ['usage is left as it is', { model: 'm', stream: true }, {}, { usage: 'as-is' as const }, {}],
  ['the server has refused it', { model: 'm', stream: true }, {}, {}, { mayAskUsage: false }],
  [
    'the client asked for usage',
    { model: 'm', stream: true, stream_options: { include_usage: true } },
    {},
    {},
    {},
  ],
  ['its options are a mistake', { model: 'm', stream: true, stream_options: 'x' }, {}, {}, {}],
  [
    'it is a response',
    { model: 'm', stream: true },
    { api: 'responses' as const, target: '/responses' },
    {},
    {},
  ],
  ['nobody trusts the server with metadata', { model: 'm' }, {}, { metadata: true }, {}],
  [
    'the API has no metadata',
    { model: 'm' },
    { api: 'embeddings' as const, target: '/embeddings' },
    { metadata: true, trust: true },
    {},
  ],
])('a body stays as it is where %s', async (_, value, request, settings, options) => {
  const { text, asksUsage } = await prepare(value, request, settings, options);
  expect({ text, asksUsage }).toEqual({ text: JSON.stringify(value), asksUsage: false });
});

test('a client that wants no usage gets none, and the gateway has it', async () => {
  const { text, asksUsage } = await prepare({
    model: 'm',
    stream: true,
    stream_options: { include_usage: false },
  });
  expect(text).toBe('{"model":"m","stream":true,"stream_options":{"include_usage":true}}');
  expect(asksUsage).toBe(true);
});

test('what is no JSON object is sent as it is', async () => {
  const bytes = { type: 'bytes', bytes: Buffer.from('--x') } as const;
  expect((await prepare({}, { body: bytes, value: undefined }, {}, { model: 'n' })).text).toBe('--x');
  expect((await prepare([1], {}, {}, { model: 'n' })).text).toBe('[1]');
  expect((await prepare({}, { body: { type: 'none' } }, {}, { model: 'n' })).text).toEqual({ type: 'none' });
});
