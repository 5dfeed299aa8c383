import { Ajv } from 'ajv';
import { sampleOf } from '../../src/app-server/model/echo/schema-sample.ts';
import { runTurn, startThread, withServer } from './conversation.ts';

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 8, maxLength: 12 },
    age: { type: 'integer', minimum: 18 },
    height: { type: 'number', exclusiveMinimum: 0 },
    married: { type: 'boolean' },
    spouse: { type: ['null', 'string'] },
    kind: { enum: ['a', 'b'] },
    version: { const: 3 },
    tags: { type: 'array', items: { type: 'string' }, minItems: 2 },
    home: { $ref: '#/$defs/place' },
    work: { anyOf: [{ $ref: '#/$defs/place' }, { type: 'null' }] },
  },
  required: ['name', 'age', 'height', 'married', 'spouse', 'kind', 'version', 'tags', 'home', 'work'],
  additionalProperties: false,
  $defs: { place: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

test.each([
  ['an object with all kinds of fields', person],
  ['a list', { type: 'array', items: { type: 'integer', exclusiveMinimum: 4 }, minItems: 1 }],
  ['a bounded number', { type: 'number', maximum: -2 }],
  ['a plain string', { type: 'string', maxLength: 3 }],
])('the sample of %s validates', (_name, schema) => {
  const validate = new Ajv({ strict: false }).compile(schema);
  validate(sampleOf(schema, 'hello there'));
  expect(validate.errors).toBeNull();
});

test('a schema that refers to itself ends', () => {
  const schema = {
    $ref: '#/$defs/node',
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
  };
  expect(JSON.stringify(sampleOf(schema, '')).length).toBeLessThan(500);
});

test('a turn with a schema answers JSON that fits it', async () => {
  await withServer({}, async (server) => {
    const ran = await runTurn(server, await startThread(server), 'who is it', { outputSchema: person });
    const validate = new Ajv({ strict: false }).compile(person);
    expect(validate(JSON.parse(ran.text))).toBe(true);
    expect(JSON.parse(ran.text)).toMatchObject({ name: 'who is it', home: { city: 'who is it' } });
  });
});

test.each([
  { type: 'array', minItems: 1e9 },
  { type: 'array', minItems: -1 },
  { type: 'string', minLength: 1e9 },
  {
    type: 'array',
    minItems: 100,
    items: { type: 'array', minItems: 100, items: { type: 'array', minItems: 100 } },
  },
])('a schema that asks for too much (%j) gets what there is room for', (schema) => {
  expect(JSON.stringify(sampleOf(schema, 'hi')).length).toBeLessThan(200_000);
});

test('however long the prompt is that they repeat, the strings of a sample have a bound together', () => {
  const properties = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`p${i}`, { type: 'string' }]),
  );
  const sample = JSON.stringify(sampleOf({ type: 'object', properties }, 'x'.repeat(100_000)));
  expect(sample.length).toBeLessThan(1_100_000);
});

test('a schema that nothing fits gets null', () => {
  expect(sampleOf({ enum: [] }, 'hi')).toBeNull();
});
