import type { ParameterSupport, TurnSupport } from '../../gateway/turn-support.ts';
import { DEADLINE_HEADER } from '../deadline.ts';
import { type DescribedRoute, RELAYED_ROUTES, ROUTES, type Route } from '../routes.ts';
import { ANSWERS } from './answers.ts';
import { type Json, type JsonSchema, toJsonSchema } from './json-schema.ts';
import { errorResponses, relayedResponses, responsesOf } from './statuses.ts';

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

const operationId = ({ path }: Route, method: string): string =>
  [
    method.toLowerCase(),
    ...path.split(/\W+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)),
  ].join('');

const SUMMARIES: Readonly<Record<string, string>> = {
  HEAD: 'As GET, without a body',
  OPTIONS: 'Says which methods there are',
};

const parametersOf = ({ path }: Route, method: string): readonly Json[] => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return [...names.map(pathParameter), ...(method === 'OPTIONS' ? [] : [DEADLINE])];
};

const operation = (route: DescribedRoute, method: string, support: TurnSupport | null): Operation => ({
  operationId: operationId(route, method),
  summary: SUMMARIES[method] ?? route.summary,
  parameters: parametersOf(route, method),
  ...(route.body &&
    method === 'POST' && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: requestSchema(route.body, support) } },
      },
    }),
  responses: responsesOf(route, method),
});

const RELAYED_SUMMARY =
  'Sent on to a backend that has this API itself, which checks it and answers; `route_not_found` where there is none';

/** A route whose requests and answers are those of the backend. */
const relayedOperation = (route: Route, method: string): Operation => ({
  operationId: operationId(route, method),
  summary: SUMMARIES[method] ?? RELAYED_SUMMARY,
  parameters: parametersOf(route, method),
  ...(method === 'POST' && {
    requestBody: { required: false, content: { 'application/json': { schema: { type: 'object' } } } },
  }),
  responses: relayedResponses(method),
});

const operationsOf = (route: Route, describe: (method: string) => Operation) => [
  route.path,
  Object.fromEntries([...route.methods, 'OPTIONS'].map((method) => [method.toLowerCase(), describe(method)])),
];

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
      'The OpenAI HTTP API. Every answer below `/v1` has `x-request-id` and `x-trace-id`; fields that are not named here are accepted. ' +
      'A backend that has an API itself gets its requests as they come, and what is described here is then what it makes of them; ' +
      'one with `passthrough: true` takes every other path below `/v1` as well.',
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, {}],
  paths: Object.fromEntries([
    ...ROUTES.map((route) => operationsOf(route, (method) => operation(route, method, support))),
    ...RELAYED_ROUTES.map((route) => operationsOf(route, (method) => relayedOperation(route, method))),
  ]) as Readonly<Record<string, Readonly<Record<string, Operation>>>>,
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: Object.fromEntries(
      Object.entries(ANSWERS).map(([name, schema]) => [name, toJsonSchema(schema)]),
    ),
    responses: errorResponses(),
  },
});
