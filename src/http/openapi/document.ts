import type { ParameterSupport, TurnSupport } from '../../gateway/turn-support.ts';
import { DEADLINE_HEADER } from '../deadline.ts';
import { type DescribedRoute, ROUTES } from '../routes.ts';
import { ANSWERS } from './answers.ts';
import { type Json, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { errorResponses, responsesOf } from './statuses.ts';

/** One method of a path, as far as the page shows it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Json[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
  readonly responses: Json;
}

const describe = ({ support, note }: ParameterSupport): string => {
  const said = {
    honoured: '',
    emulated: 'By the gateway',
    ignored: 'Accepted, without effect',
    refused: 'Refused',
  }[support];
  return [said, note].filter(Boolean).join(': ');
};

/** The schema that validates, with a word about every parameter of the table. */
const requestSchema = (
  { api, schema, parameters }: NonNullable<DescribedRoute['body']>,
  support: TurnSupport | null,
): JsonSchema => {
  const { properties, ...request } = toJsonSchema(schema);
  const described = Object.keys(parameters).map((name) => {
    const row = support?.parameters[api][name];
    const description = row && describe(row);
    return [name, { ...properties?.[name], ...(description && { description }) }];
  });
  return { ...request, properties: { ...properties, ...Object.fromEntries(described) } };
};

const pathParameter = (name: string): Json => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});

const DEADLINE: Json = {
  name: DEADLINE_HEADER,
  in: 'header',
  required: false,
  description:
    'How long the client will wait for the whole answer, in milliseconds; more than the gateway grants has no effect.',
  schema: { type: 'integer', minimum: 1 },
};

const operationId = ({ path }: DescribedRoute, method: string): string =>
  [
    method.toLowerCase(),
    ...path.split(/\W+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)),
  ].join('');

const SUMMARIES: Readonly<Record<string, string>> = {
  HEAD: 'As GET, without a body',
  OPTIONS: 'Says which methods there are',
};

const operation = (route: DescribedRoute, method: string, support: TurnSupport | null): Operation => {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    operationId: operationId(route, method),
    summary: SUMMARIES[method] ?? route.summary,
    parameters: [...names.map(pathParameter), ...(method === 'OPTIONS' ? [] : [DEADLINE])],
    ...(route.body &&
      method === 'POST' && {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: requestSchema(route.body, support) } },
        },
      }),
    responses: responsesOf(route, method),
  };
};

/**
 * The API's description, made from the schemas that validate its requests: OpenAPI 3.1.
 *
 * @param support - what the backend makes of the parameters; null where that is not said
 */
export const openApiDocument = (version: string, support: TurnSupport | null) => ({
  openapi: '3.1.1',
  info: {
    title: 'Throughline',
    version,
    description:
      'The OpenAI HTTP API. Every answer below `/v1` has `x-request-id` and `x-trace-id`; fields that are not named here are accepted.',
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, {}],
  paths: Object.fromEntries(
    ROUTES.map((route) => [
      route.path,
      Object.fromEntries(
        [...route.methods, 'OPTIONS'].map((method) => [
          method.toLowerCase(),
          operation(route, method, support),
        ]),
      ),
    ]),
  ),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: Object.fromEntries(
      Object.entries(ANSWERS).map(([name, schema]) => [name, toJsonSchema(schema)]),
    ),
    responses: errorResponses(),
  },
});
