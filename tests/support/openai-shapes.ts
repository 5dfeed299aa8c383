import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/**
 * Takes from OpenAI's own description of its API (openapi.yaml of github.com/openai/openai-openapi) the bare shapes of what the gateway
 * sends, without any of its text: `node tests/support/openai-shapes.ts openapi.yaml` writes the fixture anew.
 */

export const SHAPES_FILE = fileURLToPath(new URL('../fixtures/openai/shapes.json', import.meta.url));

type Schema = { readonly [key: string]: unknown };
type Shapes = Record<string, Schema>;

const ROOTS = [
  'CreateChatCompletionResponse',
  'CreateChatCompletionStreamResponse',
  'CreateCompletionResponse',
  'Response',
  'ResponseStreamEvent',
  'ListModelsResponse',
  'Model',
  'ErrorResponse',
];

/** What a schema says of the shape; the rest is text for people. */
const KEPT = new Set(
  'type properties required enum const items anyOf oneOf allOf $ref additionalProperties minimum maximum'.split(
    ' ',
  ),
);

/** Of unions that are told apart by `type`, the members that the gateway sends. */
const SENT = new Set([
  ...['message', 'reasoning', 'function_call', 'output_text', 'summary_text'],
  ...['function', 'allowed_tools', 'text', 'json_schema', 'json_object'],
  ...['created', 'in_progress', 'completed', 'incomplete', 'failed'].map((name) => `response.${name}`),
  ...['output_item', 'content_part', 'reasoning_summary_part'].flatMap((name) => [
    `response.${name}.added`,
    `response.${name}.done`,
  ]),
  ...['output_text', 'reasoning_summary_text', 'function_call_arguments'].flatMap((name) => [
    `response.${name}.delta`,
    `response.${name}.done`,
  ]),
]);

/** Of a union, where none of its members is sent. */
const NOTHING: Schema = { not: {} };

const nameOf = (ref: unknown): string => String(ref).split('/').at(-1) ?? '';

const createTaker = (all: Shapes) => {
  const taken: Shapes = {};

  const typeOf = (schema: Schema): unknown => {
    const { properties } = (schema['$ref'] ? all[nameOf(schema['$ref'])] : schema) ?? {};
    const words = (properties as Shapes | undefined)?.['type']?.['enum'];
    return Array.isArray(words) && words.length === 1 ? words[0] : undefined;
  };
  const isSent = (schema: Schema): boolean => {
    const type = typeOf(schema);
    return type === undefined || SENT.has(String(type));
  };

  const shapeOf = (key: string, value: unknown): unknown => {
    if (key === '$ref') return `#/$defs/${take(nameOf(value))}`;
    if (key === 'properties')
      return Object.fromEntries(
        Object.entries(value as Shapes).map(([name, schema]) => [name, bare(schema)]),
      );
    if (key === 'anyOf' || key === 'oneOf') {
      const sent = (value as Schema[]).filter(isSent).map(bare);
      return sent.length > 0 ? sent : [NOTHING];
    }
    if (key === 'allOf') return (value as Schema[]).map(bare);
    if (key === 'items' || (key === 'additionalProperties' && typeof value === 'object'))
      return bare(value as Schema);
    return value;
  };

  const bare = (schema: Schema): Schema => {
    const kept = Object.entries(schema).filter(([key]) => KEPT.has(key));
    const shape = Object.fromEntries(kept.map(([key, value]) => [key, shapeOf(key, value)]));
    return schema['nullable'] === true ? { anyOf: [shape, { type: 'null' }] } : shape;
  };

  const take = (name: string): string => {
    if (!Object.hasOwn(taken, name)) {
      taken[name] = {};
      taken[name] = bare(all[name] ?? {});
    }
    return name;
  };
  return { take, taken };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const description = parse(await readFile(process.argv[2] ?? 'openapi.yaml', 'utf8'));
  const { take, taken } = createTaker(description.components.schemas as Shapes);
  ROOTS.forEach(take);
  await writeFile(SHAPES_FILE, `${JSON.stringify({ $defs: taken }, null, 1)}\n`);
}
