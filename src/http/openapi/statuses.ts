import { ERRORS } from '../../errors.ts';
import type { DescribedRoute } from '../routes.ts';
import { type Json, type JsonSchema, ref } from './json-schema.ts';

const text = (description: string): Json => ({ description, schema: { type: 'string' } });

const IDS = {
  'x-request-id': text('Names the request in every record of it.'),
  'x-trace-id': text('The id of its trace, in 32 hex digits.'),
};
const IGNORED = { 'x-throughline-ignored': text('Parameters that were accepted and have no effect.') };
const ALLOW = { allow: text('The methods that the path takes.') };
const UPGRADE = { upgrade: text('The protocol that the path takes.') };
const RETRY_AFTER = {
  'retry-after': {
    description: 'Where it is known, in how many seconds the same request may succeed.',
    schema: { type: 'integer', minimum: 1 },
  },
};

const rows = Object.entries(ERRORS);
/** Every status that an error of the table is sent with: 499 is only recorded. */
const STATUSES = [...new Set(rows.map(([, { status }]) => status))].filter((status) => status !== 499);

const headersOf = (status: number): Json => ({
  ...IDS,
  ...([405, 426].includes(status) && ALLOW),
  ...(status === 426 && UPGRADE),
  ...([429, 503].includes(status) && RETRY_AFTER),
});

const nameOf = (status: number): string => `Error${status}`;

const codesOf = (status: number): string[] =>
  rows.filter(([, row]) => row.status === status).map(([code, { advice }]) => `\`${code}\`: ${advice}`);

/** One response for each status of the error table, with its codes. */
export const errorResponses = (): Json =>
  Object.fromEntries(
    STATUSES.map((status) => [
      nameOf(status),
      {
        description: `${codesOf(status).join('; ')}.`,
        headers: headersOf(status),
        content: { 'application/json': { schema: ref('Error') } },
      },
    ]),
  );

const errors = (): Json =>
  Object.fromEntries(
    STATUSES.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
  );

/** A stream that fails has an error as its last frame; the Responses API has an event for it among its own. */
const frames = (name: string): JsonSchema =>
  name === 'ResponseStreamEvent' ? ref(name) : { anyOf: [ref(name), ref('Error')] };

const content = ({ answers }: DescribedRoute): Json => ({
  'application/json': { schema: ref(answers.json) },
  ...(answers.stream && { 'text/event-stream': { schema: frames(answers.stream) } }),
});

const allowed = (): Json => ({
  204: { description: 'No body.', headers: { ...IDS, ...ALLOW } },
  ...errors(),
});

/** The responses of a relayed route's method, by status. The backend's own statuses are not known here. */
export const relayedResponses = (method: string): Json =>
  method === 'OPTIONS'
    ? allowed()
    : {
        200: {
          description: 'The answer of the backend, as it comes; so are those of other statuses.',
          headers: IDS,
        },
        ...errors(),
      };

/** What a method of a route answers, by status. */
export const responsesOf = (route: DescribedRoute, method: string): Json => {
  if (method === 'OPTIONS') return allowed();
  const headers = { ...IDS, ...(route.body && IGNORED) };
  const answer = {
    description: method === 'HEAD' ? 'The head of the answer.' : 'The answer.',
    headers,
    ...(method !== 'HEAD' && { content: content(route) }),
  };
  return { 200: answer, ...errors() };
};
