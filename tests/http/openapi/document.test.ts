import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ERRORS } from '../../../src/errors.ts';
import { openApiDocument } from '../../../src/http/openapi/document.ts';
import { createApiDescription } from '../../../src/http/openapi/index.ts';
import { ROUTES } from '../../../src/http/routes.ts';
import { validate } from '../../../src/http/validate.ts';

const document = openApiDocument('1.2.3');
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
);

test('the description is valid OpenAPI 3.1, by the specification’s own schema', async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(createApiDescription('1.2.3')().json));
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('every route and method of the API is in it', () => {
  const wanted = ROUTES.flatMap(({ path, methods }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method.toLowerCase()} ${path}`),
  );
  expect(operations.map(({ name }) => name).sort()).toEqual(wanted.sort());
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
});

test('every status of the error table that is sent is in it', () => {
  const statuses = [...new Set(Object.values(ERRORS).map(({ status }) => String(status)))].filter(
    (s) => s !== '499',
  );
  for (const { operation } of operations) {
    expect(Object.keys(operation.responses).sort()).toEqual(['200', ...statuses].sort());
  }
});

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

const refuses = (run: () => unknown): boolean => {
  try {
    run();
    return false;
  } catch {
    return true;
  }
};

test.each(ROUTES.flatMap(({ path, body }) => (body ? [[path, body.schema] as const] : [])))(
  'what %s takes is what the description says that it takes',
  (path, schema) => {
    const described = operations.find(({ name }) => name === `post ${path}`)?.operation.requestBody;
    const check = new Ajv2020({ strict: false }).compile(
      described?.content['application/json'].schema ?? false,
    );
    for (const body of BODIES)
      expect([body, check(body)]).toEqual([body, !refuses(() => validate(schema, body))]);
  },
);

test('the page shows every operation and parameter, and loads nothing', () => {
  const { page } = createApiDescription('1.2.3')();
  for (const { path, body } of ROUTES) {
    expect(page).toContain(path);
    for (const name of Object.keys(body?.parameters ?? {})) expect(page).toContain(`<code>${name}</code>`);
  }
  expect(page).not.toMatch(/<script|src=|@import|url\(/);
});
