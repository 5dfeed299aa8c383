import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/** A JSON Schema, as far as the page looks into it. */
export interface JsonSchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly $ref?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

export const toJsonSchema = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest as JsonSchema;
};

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const refName = ({ $ref = '' }: JsonSchema): string => $ref.slice($ref.lastIndexOf('/') + 1);

const inList = (types: readonly string[]): string =>
  types.length > 1 ? `array of (${types.join(' | ')})` : ['array', ...types].join(' of ');

/** The types that a value may have, each once: of an array with what is in it, of an alternative those of all its branches. */
export const typesOf = (schema: JsonSchema): string[] => {
  const { type = [], items, anyOf = [], oneOf = [] } = schema;
  const own = [type].flat().map((name) => (name === 'array' && items ? inList(typesOf(items)) : name));
  const named = schema.$ref ? [refName(schema)] : [];
  return [...new Set([...named, ...own, ...[...anyOf, ...oneOf].flatMap(typesOf)])];
};
