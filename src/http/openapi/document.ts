import { z } from 'zod';
import { ERRORS } from '../../errors.ts';
import type { ParameterTable } from '../requests/parameters.ts';
import { ROUTES, type Route } from '../routes.ts';
import { ANSWERS } from './answers.ts';

type Json = Readonly<Record<string, unknown>>;

/** One method of a path, as far as the page shows it. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Json[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: RequestSchema } };
  };
  readonly responses: Json;
}

interface Property {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly { readonly type?: string | readonly string[] }[];
}

interface RequestSchema {
  readonly properties: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

const toSchema = (schema: z.ZodType): Json =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const describe = ({ support, note }: ParameterTable[string]): string => {
  const said = { honoured: '', ignored: 'Accepted, without effect', refused: 'Refused' }[support];
  return [said, note].filter(Boolean).join(': ');
};

/** The schema that validates, with a word about every parameter of the table, those that it leaves open too. */
const requestSchema = ({ schema, parameters }: NonNullable<Route['body']>): RequestSchema => {
  const { $schema: _, ...request } = toSchema(schema);
  const known = (request['properties'] ?? {}) as Record<string, Json>;
  const described = Object.entries(parameters).map(([name, row]) => {
    const description = describe(row);
    return [name, { ...known[name], ...(description && { description }) }];
  });
  return { ...request, properties: { ...known, ...Object.fromEntries(described) } };
};

const HEADERS = {
  'x-request-id': { description: 'Names the request in every record of it.', schema: { type: 'string' } },
  'x-throughline-ignored': {
    description: 'Parameters that were accepted and have no effect.',
    schema: { type: 'string' },
  },
};

const answer = ({ answers }: Route): Json => ({
  description: 'The answer.',
  headers: HEADERS,
  content: {
    'application/json': { schema: ref(answers.json) },
    ...(answers.stream && { 'text/event-stream': { schema: ref(answers.stream) } }),
  },
});

/** Every status that an error of the table can have. */
const errors = (): Json =>
  Object.fromEntries(
    [...new Set(Object.values(ERRORS).map(({ status }) => status))]
      .filter((status) => status !== 499)
      .map((status) => [status, { $ref: '#/components/responses/Error' }]),
  );

const parameter = (name: string): Json => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});

const operationId = ({ path }: Route, method: string): string =>
  [
    method.toLowerCase(),
    ...path.split(/\W+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)),
  ].join('');

const operation = (route: Route, method: string): Operation => {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    operationId: operationId(route, method),
    summary: route.summary,
    ...(names.length > 0 && { parameters: names.map(parameter) }),
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: requestSchema(route.body) } },
      },
    }),
    responses: { 200: answer(route), ...errors() },
  };
};

/** The API's description, made from the schemas that validate its requests: OpenAPI 3.1. */
export const openApiDocument = (version: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Throughline',
    version,
    description:
      'The OpenAI HTTP API. Every answer has `x-request-id`; fields that are not named here are accepted.',
  },
  servers: [{ url: '/' }],
  security: [{ bearer: [] }, {}],
  paths: Object.fromEntries(
    ROUTES.map((route) => [
      route.path,
      Object.fromEntries(
        route.methods
          .filter((method) => method !== 'HEAD')
          .map((method) => [method.toLowerCase(), operation(route, method)]),
      ),
    ]),
  ),
  components: {
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    schemas: Object.fromEntries(
      Object.entries(ANSWERS).map(([name, schema]) => {
        const { $schema: _, ...rest } = toSchema(schema);
        return [name, rest];
      }),
    ),
    responses: {
      Error: {
        description: 'What went wrong, in the envelope of the OpenAI API.',
        headers: { 'x-request-id': HEADERS['x-request-id'] },
        content: { 'application/json': { schema: ref('Error') } },
      },
    },
  },
});
