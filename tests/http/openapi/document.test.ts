import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { APP_SERVER_SUPPORT } from '../../../src/backend/app-server/support.ts';
import { ERRORS } from '../../../src/errors.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';
import { createApiDescription } from '../../../src/http/openapi/index.ts';
import { typesOf } from '../../../src/http/openapi/json-schema.ts';
import { RELAYED_ROUTES, ROUTES } from '../../../src/http/routes.ts';
import { validateAtOnce as validate } from '../../support/validate-at-once.ts';

const document = openApiDocument('1.2.3', APP_SERVER_SUPPORT);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
);

test('the description is valid OpenAPI 3.1, by the specification’s own schema', async () => {
  const { valid, errors } = await new Validator().validate(
    JSON.parse(createApiDescription('1.2.3', APP_SERVER_SUPPORT)().json),
  );
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('every route and method of the API is in it', () => {
  const wanted = [...ROUTES, ...RELAYED_ROUTES].flatMap(({ path, methods }) =>
    [...methods, 'OPTIONS'].map((method) => `${method.toLowerCase()} ${path}`),
  );
  expect(operations.map(({ name }) => name).sort()).toEqual(wanted.sort());
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
});

test('every status of the error table that is sent is in it', () => {
  const statuses = [...new Set(Object.values(ERRORS).map(({ status }) => String(status)))].filter(
    (s) => s !== '499',
  );
  for (const { name, operation } of operations) {
    const done = name.startsWith('options') ? '204' : '200';
    expect(Object.keys(operation.responses).sort()).toEqual([done, ...statuses].sort());
  }
});

test('of a route whose requests go on as they come nothing is described that only its backend knows', () => {
  const { post } = paths['/v1/embeddings'];
  expect(post.summary).toContain('`route_not_found` where there is none');
  expect(post.requestBody.content['application/json'].schema).toEqual({ type: 'object' });
  expect(post.responses[200].content).toBeUndefined();
  expect(paths['/v1/responses/{response_id}'].get.parameters).toMatchObject([
    { name: 'response_id', in: 'path' },
    { name: 'x-request-timeout-ms', in: 'header' },
  ]);
  expect(document.info.description).toContain('`passthrough: true`');
});

const { paths, components } = JSON.parse(createApiDescription('1.2.3', APP_SERVER_SUPPORT)().json);

test('headers are in it: the deadline that a client may set, and those that answers and refusals have', () => {
  const chat = paths['/v1/chat/completions'];
  expect(chat.post.parameters).toMatchObject([{ name: 'x-request-timeout-ms', in: 'header' }]);
  expect(Object.keys(chat.post.responses[200].headers)).toEqual([...IDS, 'x-throughline-ignored']);
  expect(Object.keys(chat.options.responses[204].headers)).toEqual([...IDS, 'allow']);
  const headersOf = (status: number) => Object.keys(components.responses[`Error${status}`].headers);
  expect(headersOf(400)).toEqual(IDS);
  expect(headersOf(405)).toEqual([...IDS, 'allow']);
  for (const status of [429, 503]) expect(headersOf(status)).toEqual([...IDS, 'retry-after']);
});

test('a stream may end with the error frame of its API, and HEAD has no body', () => {
  const frames = (path: string) => paths[path].post.responses[200].content['text/event-stream'].schema;
  const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  expect(frames('/v1/chat/completions')).toEqual({ anyOf: [named('ChatCompletionChunk'), named('Error')] });
  expect(frames('/v1/completions')).toEqual({ anyOf: [named('Completion'), named('Error')] });
  expect(frames('/v1/responses')).toEqual(named('ResponseStreamEvent'));
  expect(paths['/v1/models'].head.responses[200].content).toBeUndefined();
});

test.each(ROUTES.flatMap(({ path, body }) => (body ? [[path, body.parameters] as const] : [])))(
  'every parameter of %s has a type',
  (path, parameters) => {
    const { properties } = paths[path].post.requestBody.content['application/json'].schema;
    const untyped = Object.keys(parameters).filter((name) => typesOf(properties[name]).length === 0);
    expect(untyped).toEqual([]);
  },
);

const IDS = ['x-request-id', 'x-trace-id'];
const user = [{ role: 'user', content: 'hi' }];
const BODIES = [
  {},
  { model: 'm' },
  { model: '', messages: user },
  { model: 'm', messages: user },
  { model: 'm', messages: user, unknown: { a: 1 }, temperature: 'hot' },
  { model: 'm', messages: [] },
  { model: 'm', messages: [{ role: 'wizard', content: 'hi' }] },
  { model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] },
  { model: 'm', messages: user, stream: 'yes' },
  { model: 'm', messages: user, stop: ['a', 'b', 'c', 'd', 'e'] },
  { model: 'm', messages: user, tools: [{ type: 'function', function: { name: 'no spaces' } }] },
  { model: 'm', messages: user, tools: [{ type: 'function', function: { name: 'ok' } }] },
  { model: 'm', input: 'i' },
  { model: 'm', input: [] },
  { model: 'm', input: user },
  { model: 'm', input: [{ role: 'user', content: [{ type: 'input_text', text: 5 }] }] },
  {
    model: 'm',
    input: [{ type: 'reasoning' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: '' }],
  },
  { model: 'm', input: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: {} }] },
  { model: 'm', input: 'i', tools: [{ type: 'function', name: 'no spaces' }] },
  { model: 'm', input: 'i', tools: [{ type: 'function', name: 'ok' }, { type: 'web_search' }] },
  { model: 'm', input: 'i', text: { format: { type: 'json_schema', name: 'n' } } },
  { model: 'm', prompt: 'p' },
  { model: 'm', prompt: [1, 2] },
  { model: 'm', prompt: ['p'], echo: 1 },
];
const VALUES = [
  ...['something', 'low', 'auto', 'x'.repeat(65), 7, -7, 0.5, 2 ** 64, 200, true, null],
  ...[['a'], ['text'], [{ type: 't', name: 'n' }], [{ compact_threshold: 1 }]],
  ...[{ id: 'i', type: 't' }, { a: 'b' }, { a: 7 }, { a: 101 }, { a: 'x'.repeat(513) }],
  { ['k'.repeat(65)]: 'v' },
  Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`key${index}`, 'v'])),
];
const base = { model: 'm', messages: user, input: 'i', prompt: 'p' };

const refuses = (run: () => unknown): boolean => {
  try {
    run();
    return false;
  } catch {
    return true;
  }
};

test.each(ROUTES.flatMap(({ path, body }) => (body ? [[path, body.schema, body.parameters] as const] : [])))(
  'what %s takes is what the description says that it takes',
  (path, schema, parameters) => {
    const described = operations.find(({ name }) => name === `post ${path}`)?.operation.requestBody;
    const check = new Ajv2020({ strict: false }).compile(
      described?.content['application/json'].schema ?? false,
    );
    const changed = Object.keys(parameters).flatMap((name) =>
      VALUES.map((value) => ({ ...base, [name]: value })),
    );
    for (const body of [...BODIES, ...changed])
      expect([body, check(body)]).toEqual([body, !refuses(() => validate(schema, body))]);
  },
);
