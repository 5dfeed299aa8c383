import type { Outcome } from '../../../src/telemetry/phases.ts';
import { chat, response, stream } from '../requests.ts';
import { BACKEND_FAILED, type Exit, failedLate, type Profile, reads, refused } from '../row.ts';

const early = (status: number, code: string, outcome: Outcome): Exit =>
  refused(status, code, outcome, '++!++');
const late = '/say one two\n/fail';

/** Turns that the model's provider does not finish. */
export const modelErrors: Profile = {
  name: 'model-errors',
  open: () => ({}),
  rows: [
    {
      name: "because the conversation is longer than the model's context",
      run: reads(stream('/fail contextWindowExceeded')),
      expected: early(400, 'context_length_exceeded', 'invalid_request'),
    },
    {
      name: 'because the model provider refuses it',
      run: reads(chat('/fail badRequest')),
      expected: early(400, 'backend_refused_request', 'invalid_request'),
    },
    {
      name: 'because the model provider does not know the model',
      run: reads(chat('/fail modelNotFound')),
      expected: early(404, 'model_not_found', 'not_found'),
    },
    {
      name: "because the model provider's rate limit is reached",
      run: reads(stream('/fail rateLimitExceeded')),
      expected: early(429, 'rate_limit_exceeded', 'rate_limited'),
    },
    {
      name: 'because the model provider fails',
      run: reads(stream('/fail internalServerError')),
      expected: early(502, 'backend_error', 'backend_error'),
    },
    {
      name: 'because the model provider is overloaded',
      run: reads(chat('/fail serverOverloaded')),
      expected: early(503, 'backend_overloaded', 'overloaded'),
    },
    {
      name: 'because the model provider fails in mid-stream',
      run: reads(stream(`${late} internalServerError`)),
      expected: failedLate('backend_error', 'backend_error'),
    },
    {
      name: 'because the model provider is overloaded in mid-stream',
      run: reads(stream(`${late} serverOverloaded`)),
      expected: failedLate('backend_overloaded', 'overloaded'),
    },
    {
      name: "because the model provider's rate limit is reached in mid-stream",
      run: reads(stream(`${late} rateLimitExceeded`)),
      expected: failedLate('rate_limit_exceeded', 'rate_limited'),
    },
    {
      name: 'because the model provider fails in the middle of a stream of the Responses API',
      run: reads(response(`${late} internalServerError`, { stream: true })),
      expected: failedLate('backend_error', 'backend_error', { answer: 'stream, response.failed' }),
    },
    {
      name: 'because the model provider fails after words that were not sent yet',
      run: reads(chat(`${late} internalServerError`)),
      expected: early(502, 'backend_error', 'backend_error'),
    },
    {
      name: 'because the model provider fails after a first call of the model',
      run: reads(stream('/run echo hello\n/say one\n/fail internalServerError')),
      expected: failedLate('backend_error', 'backend_error', { usage: 'partial', phases: BACKEND_FAILED }),
    },
  ],
};
