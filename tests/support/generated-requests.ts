import fc from 'fast-check';

/** One request as a client might send it, good or bad. */
export type GeneratedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
};

const MODEL = 'throughline-echo';

/** Words that the embedded app-server's model does something with, beside prompts that it only says back. */
const prompt = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '/say one\n/say two',
    '/think hm\n/say yes',
    '/tool weather {"city":"Oslo"}',
    '/run echo hi',
    '/fail serverOverloaded',
    '/say half\n/fail other',
    '/garbage\n/say still here',
    '/usage none\n/say free',
  ),
);

const content = fc.oneof(
  prompt,
  fc.array(fc.record({ type: fc.constant('text'), text: prompt }), { maxLength: 3 }),
  fc.constant([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]),
);
const message = fc.record({
  role: fc.constantFrom('system', 'developer', 'user', 'user', 'assistant'),
  content,
});
const tools = fc.constantFrom(
  [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }],
  [{ type: 'web_search' }],
);
const known = {
  stream: fc.boolean(),
  temperature: fc.double({ noNaN: true }),
  max_tokens: fc.integer(),
  stop: fc.constantFrom('said', ['x', 'y'], ''),
  user: fc.string(),
};

const chat = fc.record(
  { model: fc.constant(MODEL), messages: fc.array(message, { minLength: 1, maxLength: 4 }), tools, ...known },
  { requiredKeys: ['model', 'messages'] },
);
const completion = fc.record(
  { model: fc.constant(MODEL), prompt, ...known },
  { requiredKeys: ['model', 'prompt'] },
);
const response = fc.record(
  {
    model: fc.constant(MODEL),
    input: fc.oneof(prompt, fc.array(message, { minLength: 1, maxLength: 3 })),
    stream: fc.boolean(),
    instructions: fc.string(),
    store: fc.constantFrom(false, true, null),
  },
  { requiredKeys: ['model', 'input'] },
);

/** A valid body with one of its fields replaced by anything at all, or with one more. */
const broken = (valid: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc
    .tuple(
      valid,
      fc.constantFrom('model', 'messages', 'prompt', 'input', 'stream', 'tools', 'stop', 'n', 'new'),
      fc.jsonValue(),
    )
    .map(([body, field, value]) => ({ ...body, [field]: value }));

const text = fc.oneof(
  { weight: 8, arbitrary: fc.oneof(chat, completion, response).map((body) => JSON.stringify(body)) },
  {
    weight: 6,
    arbitrary: fc
      .oneof(broken(chat), broken(completion), broken(response))
      .map((body) => JSON.stringify(body)),
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
  },
  { requiredKeys: ['content-type'] },
);

const METHODS = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'];

/** A valid request, as a well-behaved client sends it. */
const wellFormed = (route: string, body: fc.Arbitrary<object>): fc.Arbitrary<GeneratedRequest> =>
  body.map((valid) => ({
    method: 'POST',
    path: route,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(valid),
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
  { weight: 1, arbitrary: wellFormed('/v1/responses', response) },
  { weight: 2, arbitrary: wellFormed('/v1/chat/completions', broken(chat)) },
  { weight: 6, arbitrary: anyRequest },
);
