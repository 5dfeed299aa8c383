import { z } from 'zod';
import { APP_SERVER_SUPPORT } from '../../../src/backend/app-server/support.ts';
import { ANSWERS } from '../../../src/http/openapi/answers.ts';
import { createApiDescription } from '../../../src/http/openapi/index.ts';
import { ref, toJsonSchema, typesOf } from '../../../src/http/openapi/json-schema.ts';
import { ROUTES } from '../../../src/http/routes.ts';

const { page } = createApiDescription('1.2.3', APP_SERVER_SUPPORT)();

/** The type of a field, as the table below the operation's heading has it. */
const shownType = (operation: string, field: string): string => {
  const [, section = ''] = page.split(`<h2>${operation}</h2>`);
  return new RegExp(`<tr><td><code>${field}</code>[^<]*</td><td>([^<]*)</td>`).exec(section)?.[1] ?? '';
};

test('it shows every operation and parameter, and loads nothing', () => {
  for (const { path, methods, body } of ROUTES) {
    for (const method of [...methods, 'OPTIONS']) expect(page).toContain(`<h2>${method} ${path}</h2>`);
    for (const name of Object.keys(body?.parameters ?? {})) expect(page).toContain(`<code>${name}</code>`);
  }
  expect(page).not.toMatch(/<script|src=|@import|url\(/);
});

test.each([
  ['model', 'string'],
  ['stream', 'boolean | null'],
  ['temperature', 'number | null'],
  ['n', 'integer | null'],
  ['messages', 'array of object'],
  ['stop', 'string | array of string | null'],
  ['response_format', 'object | null'],
  ['tool_choice', 'string | object | null'],
])('it shows the type of %s as %s', (field, type) => {
  expect(shownType('POST /v1/chat/completions', field)).toBe(type);
});

test('it shows what is answered, by status and type, and every shape with its fields', () => {
  expect(page).toContain('<a href="#ChatCompletion">ChatCompletion</a> as application/json');
  expect(page).toContain(
    '<a href="#ChatCompletionChunk">ChatCompletionChunk</a> or <a href="#Error">Error</a> as text/event-stream',
  );
  expect(page).toContain('<td>429</td><td><a href="#Error429">Error429</a></td>');
  for (const name of Object.keys(ANSWERS)) expect(page).toContain(`id="${name}"`);
  for (const text of ['choices', 'response.output_text.delta', 'key_concurrency_exceeded'])
    expect(page).toContain(text);
});

test.each([
  ['a plain type', z.string(), ['string']],
  ['one that may be null', z.string().nullish(), ['string', 'null']],
  ['a union', z.union([z.string(), z.boolean()]).nullable(), ['string', 'boolean', 'null']],
  ['alternatives of one type', z.discriminatedUnion('a', [z.object({ a: z.literal(1) })]), ['object']],
  ['a list', z.array(z.int()), ['array of integer']],
  ['a list of a union', z.array(z.union([z.string(), z.int()])), ['array of (string | integer)']],
  ['anything', z.unknown(), []],
])('the types of %s are told', (_, schema, types) => {
  expect(typesOf(toJsonSchema(schema))).toEqual(types);
});

test('the type of a reference is its name', () => {
  expect(typesOf({ anyOf: [ref('Model'), ref('Error')] })).toEqual(['Model', 'Error']);
});
