import { GatewayError, type Subject } from '../../../src/errors.ts';
import type { RequestCall } from '../../../src/gateway/call.ts';
import type { Exchange } from '../../../src/gateway/ports.ts';
import { withFieldNames } from '../../../src/http/requests/field-names.ts';
import { aRelayRequest } from '../../support/fake-relay.ts';
import { rejectionOf } from '../../support/thrown.ts';

type WithFields = 'chat' | 'completions' | 'responses';

const callOf = (api: WithFields): RequestCall => ({
  type: 'request',
  request: aRelayRequest({ api }),
  candidates: null,
  toTurn: () => Promise.reject(new Error('not asked for')),
});
const exchange = {} as Exchange;

const refusedBy = (thrown: unknown, api: WithFields) =>
  rejectionOf(withFieldNames(() => Promise.reject(thrown))(exchange, callOf(api)));

test.each<[WithFields, Subject, string]>([
  ['chat', 'tools', 'tools'],
  ['chat', 'conversation', 'messages'],
  ['chat', 'effort', 'reasoning_effort'],
  ['completions', 'conversation', 'prompt'],
  ['responses', 'tools', 'tools'],
  ['responses', 'conversation', 'input'],
  ['responses', 'effort', 'reasoning.effort'],
])('%s calls the %s of a turn %s', async (api, subject, param) => {
  const cause = new Error('its own words');
  const error = await refusedBy(new GatewayError('invalid_value', 'no.', { subject, cause }), api);
  expect(error).toMatchObject({ code: 'invalid_value', param, message: `'${param}': no.`, cause });
});

test('an error that is of nothing in the request stays as it is', async () => {
  const errors = [new GatewayError('backend_error', 'failed'), new Error('not ours')];
  for (const error of errors) expect(await refusedBy(error, 'chat')).toBe(error);
});

test('an answer passes', async () => {
  const answer = { type: 'models', models: [] } as const;
  expect(await withFieldNames(async () => answer)(exchange, { type: 'models' })).toBe(answer);
});
