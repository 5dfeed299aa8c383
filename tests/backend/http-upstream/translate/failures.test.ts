import { GatewayError } from '../../../../src/errors.ts';
import { chunk, events } from '../../../fixtures/upstream/upstream-case.ts';
import { aTurn } from '../../../support/fake-exchange.ts';
import { createFakeSpan, payloadsOf } from '../../../support/fake-span.ts';
import { rejectionOf } from '../../../support/thrown.ts';
import { allOf, asFailure, createScript, type Reply, type Step, submitTo } from './relay-script.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const refusal = (status: number, error: object, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { ...JSON_TYPE, ...headers },
  reads: [JSON.stringify({ error })],
});

const errorOf = async (reply: Step, forwardsKey = false) => {
  const { running, io } = await submitTo(createScript(reply), aTurn(), { forwardsKey });
  const last = (await allOf(running)).at(-1);
  if (last?.type !== 'failed') throw new Error('this turn fails');
  return { error: last.error, io };
};

test.each([
  ['a bad request', refusal(400, { message: 'what?' }), 'backend_refused_request'],
  ['too long a conversation', refusal(400, { code: 'context_length_exceeded' }), 'context_length_exceeded'],
  [
    'the same in words',
    refusal(400, { message: "This model's maximum context length is 4096 tokens." }),
    'context_length_exceeded',
  ],
  ['a refused key', refusal(401, { message: 'Incorrect key sk-abc' }), 'backend_error'],
  ['a model that is not there', refusal(404, { message: 'The model `x` does not exist' }), 'model_not_found'],
  ['a path that is not there', refusal(404, { message: 'Not Found' }), 'backend_error'],
  ['too many requests', refusal(429, { message: 'slow down' }), 'rate_limit_exceeded'],
  ['no money left', refusal(402, { code: 'insufficient_quota' }), 'rate_limit_exceeded'],
  ['a fault', refusal(500, { message: 'oh' }), 'backend_error'],
  ['an overloaded server', refusal(503, { message: 'busy' }), 'backend_overloaded'],
  ['a late answer', refusal(504, {}), 'backend_timeout'],
])('%s: the turn fails with its own code, and the words stay in the trace', async (_, reply, code) => {
  const { error, io } = await errorOf(reply);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/^(?:The model provider|This model's maximum context length is exceeded)/);
  expect(payloadsOf(io, 'upstream_chunk')).toEqual([JSON.parse(String(reply.reads[0]))]);
});

test('a key of the client that is refused is the client’s matter', async () => {
  expect((await errorOf(refusal(401, {}), true)).error.code).toBe('invalid_api_key');
});

test('when to come again goes on to the client', async () => {
  const { error } = await errorOf(refusal(429, {}, { 'retry-after': '7' }));
  expect(error.headers).toEqual({ 'retry-after': '7' });
});

const broken = new GatewayError('backend_error', 'It closed the connection.');
test.each([
  ['ends without an end', { reads: [events(chunk({ content: 'so ' }))] }, 'backend_error'],
  ['breaks off', { reads: [events(chunk({ content: 'so ' })), broken] }, 'backend_error'],
  [
    'tells of an error',
    { reads: [events(chunk({ content: 'so ' }), { error: { code: 429, message: 'slow' } })] },
    'rate_limit_exceeded',
  ],
  ['is a page', { headers: { 'content-type': 'text/html' }, reads: ['<h1>hi</h1>'] }, 'backend_error'],
  [
    'has a frame that is too long to be read',
    { reads: [events(chunk({ content: 'x'.repeat(2_000_000) }))] },
    'answer_too_large',
  ],
  [
    'is whole and too long',
    { headers: JSON_TYPE, reads: ['x'.repeat(5_000_000), 'x'.repeat(5_000_000)] },
    'answer_too_large',
  ],
  ['never came', { type: 'failed', error: broken } as const, 'backend_error'],
])('an answer that %s fails the turn', async (_, reply, code) => {
  expect((await errorOf(reply)).error.code).toBe(code);
});

describe('where another backend may be asked', () => {
  const rejectionTo = async (reply: Step) => {
    const submission = createFakeSpan('backend_submission');
    const more = { canFailOver: true, span: submission };
    const error = await rejectionOf(submitTo(createScript(asFailure(reply)), aTurn(), more));
    return { error, submission };
  };

  it('the turn is refused with what the server said, whose words stay in the trace', async () => {
    const { error, submission } = await rejectionTo(refusal(503, { message: 'busy' }));
    expect(error).toMatchObject({ code: 'backend_overloaded' });
    expect(payloadsOf(submission, 'upstream_chunk')).toEqual([{ error: { message: 'busy' } }]);
  });

  it('or with why there is no answer', async () => {
    const gone = new GatewayError('backend_unreachable', 'It cannot be reached.');
    expect((await rejectionTo({ type: 'failed', error: gone })).error).toBe(gone);
  });
});
