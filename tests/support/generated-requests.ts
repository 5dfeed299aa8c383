import fc from 'fast-check';
import {
  brokenChat,
  brokenCompletion,
  brokenResponse,
  chat,
  completion,
  MODEL,
  response,
} from './generated-bodies.ts';

/** One request as a client might send it, good or bad. */
export type GeneratedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
};

const text = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(chat, completion, response).map((body) => JSON.stringify(body)) },
  {
    weight: 6,
    arbitrary: fc.oneof(brokenChat, brokenCompletion, brokenResponse).map((body) => JSON.stringify(body)),
  },
  { weight: 2, arbitrary: fc.json({ maxDepth: 6 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.constantFrom('', '{', '[[[[', 'null', `${'['.repeat(5000)}`) },
);

const segment = fc.string({ unit: fc.constantFrom(...'abcZ09-._~%2F:@!$'), maxLength: 12 });
const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('/v1/chat/completions', '/v1/completions', '/v1/responses') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '/v1/models',
      `/v1/models/${MODEL}`,
      '/v1/models/none',
      '/openapi.json',
      '/docs',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/healthz',
      '/',
      '/v1',
      '/v1/',
      '//v1/models',
      '/v1/chat/completions/',
      '/V1/models',
    ),
  },
  { weight: 1, arbitrary: fc.tuple(segment, segment).map((parts) => `/v1/${parts.join('/')}`) },
  { weight: 1, arbitrary: segment.map((query) => `/v1/models?${query}`) },
);

const headerText = fc
  .string({ unit: fc.constantFrom(...'abcXYZ0123456789-_.:;=, ()/'), maxLength: 60 })
  .map((s) => s.trim());
/** Times that are long enough, and what is no time at all. A short one would make the answer a matter of luck. */
const deadline = fc.oneof(fc.integer({ min: 20_000, max: 60_000 }).map(String), headerText);
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      '',
    ),
    traceparent: fc.oneof(headerText, fc.constant(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`)),
    tracestate: headerText,
    authorization: headerText,
    'x-trace-force': fc.constantFrom('1', 'yes'),
    accept: headerText,
    'x-request-timeout-ms': deadline,
  },
  { requiredKeys: ['content-type'] },
);

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** A request that is as a well-behaved client sends it, but perhaps for its body. */
const wellFormed = (route: string, body: fc.Arbitrary<object>): fc.Arbitrary<GeneratedRequest> =>
  fc.tuple(body, fc.option(deadline, { freq: 5 })).map(([sent, asked]) => ({
    method: 'POST',
    path: route,
    headers: { 'content-type': 'application/json', ...(asked !== null && { 'x-request-timeout-ms': asked }) },
    body: JSON.stringify(sent),
  }));

const anyRequest: fc.Arbitrary<GeneratedRequest> = fc.record({
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant('POST') },
    { weight: 3, arbitrary: fc.constantFrom(...METHODS) },
  ),
  path,
  headers,
  body: fc.option(text, { freq: 20 }),
});

export const generatedRequest: fc.Arbitrary<GeneratedRequest> = fc.oneof(
  { weight: 2, arbitrary: wellFormed('/v1/chat/completions', chat) },
  { weight: 1, arbitrary: wellFormed('/v1/completions', completion) },
  { weight: 2, arbitrary: wellFormed('/v1/responses', response) },
  { weight: 2, arbitrary: wellFormed('/v1/chat/completions', brokenChat) },
  { weight: 1, arbitrary: wellFormed('/v1/completions', brokenCompletion) },
  { weight: 2, arbitrary: wellFormed('/v1/responses', brokenResponse) },
  { weight: 4, arbitrary: anyRequest },
);
