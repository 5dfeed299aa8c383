import type { z } from 'zod';
import type { Call } from '../gateway/call.ts';
import type { Api } from '../gateway/relay.ts';
import type { TurnCall } from '../gateway/turn.ts';
import type { TurnApi } from '../gateway/turn-support.ts';
import type { Pace } from '../pace.ts';
import type { Mode } from '../telemetry/phases.ts';
import type { AnswerName } from './openapi/answers.ts';
import { toChatCall } from './requests/chat.ts';
import { CHAT_PARAMETERS } from './requests/chat-parameters.ts';
import { chatRequest } from './requests/chat-schema.ts';
import { completionsRequest, toCompletionsCall } from './requests/completions.ts';
import { COMPLETIONS_PARAMETERS } from './requests/completions-parameters.ts';
import type { ParameterTypes, RequestOptions } from './requests/parameters.ts';
import { toResponsesCall } from './requests/responses.ts';
import { RESPONSES_PARAMETERS } from './requests/responses-parameters.ts';
import { responsesRequest } from './requests/responses-schema.ts';
import { validate } from './validate.ts';

export interface TurnOptions extends RequestOptions {
  readonly pace: Pace;
}

/** A route below `/v1`: what it is called in telemetry, and what a request to it asks for. */
export interface Route {
  /** The template: `http.route`. */
  readonly path: string;
  readonly methods: readonly string[];
  /** The mode, from a body that may still be invalid. */
  mode(body: unknown): Mode;
  readonly asks: Asks;
}

/** What requests to a route ask for. */
export type Asks =
  /** Something that the gateway itself puts together. `path` is the one that was asked for. */
  | { readonly type: 'models'; toCall(path: string): Exclude<Call, { type: 'request' }> }
  /** Something of a backend. */
  | {
      readonly type: 'backend';
      readonly api: Api;
      /** As a turn, for backends that take those; null for an API that has none. Rejects with a `GatewayError` for a request that is not valid. */
      readonly toTurn: ((body: unknown, options: TurnOptions) => Promise<TurnCall>) | null;
    };

/** A route that the API's description has. */
export interface DescribedRoute extends Route {
  /** What the body must be, and the parameters of its API; null for a route without one. */
  readonly body: {
    readonly api: TurnApi;
    readonly schema: z.ZodType;
    readonly parameters: ParameterTypes;
  } | null;
  /** For the API's description: one line, and the names of what it answers. */
  readonly summary: string;
  readonly answers: { readonly json: AnswerName; readonly stream?: AnswerName };
}

const isStream = (body: unknown): boolean => (body as { stream?: unknown } | null)?.stream === true;

const MODELS = '/v1/models';

/** Ids of models may hold slashes, so the rest of the path is the id; clients send them escaped, or as they are. */
const modelId = (path: string): string => {
  const id = path.slice(MODELS.length + 1);
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
};

export const ROUTES: readonly DescribedRoute[] = [
  {
    path: '/v1/chat/completions',
    methods: ['POST'],
    body: { api: 'chat', schema: chatRequest, parameters: CHAT_PARAMETERS },
    summary: 'Answers a conversation',
    answers: { json: 'ChatCompletion', stream: 'ChatCompletionChunk' },
    mode: (body) => (isStream(body) ? 'chat_stream' : 'chat_nonstream'),
    asks: {
      type: 'backend',
      api: 'chat',
      toTurn: async (body, options) => toChatCall(await validate(chatRequest, body, options.pace), options),
    },
  },
  {
    path: '/v1/completions',
    methods: ['POST'],
    body: { api: 'completions', schema: completionsRequest, parameters: COMPLETIONS_PARAMETERS },
    summary: 'Answers a prompt (the legacy API)',
    answers: { json: 'Completion', stream: 'Completion' },
    mode: (body) => (isStream(body) ? 'completions_stream' : 'completions_nonstream'),
    asks: {
      type: 'backend',
      api: 'completions',
      toTurn: async (body, options) =>
        toCompletionsCall(await validate(completionsRequest, body, options.pace), options),
    },
  },
  {
    path: '/v1/responses',
    methods: ['POST'],
    body: { api: 'responses', schema: responsesRequest, parameters: RESPONSES_PARAMETERS },
    summary: 'Answers a conversation (the Responses API)',
    answers: { json: 'Response', stream: 'ResponseStreamEvent' },
    mode: (body) => (isStream(body) ? 'responses_stream' : 'responses_nonstream'),
    asks: {
      type: 'backend',
      api: 'responses',
      toTurn: async (body, options) =>
        toResponsesCall(await validate(responsesRequest, body, options.pace), options),
    },
  },
  {
    path: MODELS,
    methods: ['GET', 'HEAD'],
    body: null,
    summary: 'Lists the models of all backends',
    answers: { json: 'ModelList' },
    mode: () => 'models',
    asks: { type: 'models', toCall: () => ({ type: 'models' }) },
  },
  {
    path: `${MODELS}/{id}`,
    methods: ['GET', 'HEAD'],
    body: null,
    summary: 'Tells of one model',
    answers: { json: 'Model' },
    mode: () => 'models',
    asks: { type: 'models', toCall: (path) => ({ type: 'model', id: modelId(path) }) },
  },
];

const relayed = (path: string, api: Api, ...methods: readonly string[]): Route => ({
  path,
  methods,
  mode: () => 'other',
  asks: { type: 'backend', api, toTurn: null },
});

/** Routes that only a backend has which takes requests as they come. */
export const RELAYED_ROUTES: readonly Route[] = [
  relayed('/v1/embeddings', 'embeddings', 'POST'),
  relayed('/v1/moderations', 'moderations', 'POST'),
  relayed('/v1/responses/{response_id}', 'responses', 'GET', 'HEAD', 'DELETE'),
  relayed('/v1/responses/{response_id}/cancel', 'responses', 'POST'),
  relayed('/v1/responses/{response_id}/input_items', 'responses', 'GET', 'HEAD'),
];

/** Every other path below `/v1`, where a backend takes those. */
export const PASSTHROUGH = relayed('/v1/*', 'other', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE');

/** A route's template as the router writes it: ids of models may hold slashes. */
export const routerPath = ({ path }: Route): string =>
  path.startsWith(MODELS) ? path.replace(/\{(\w+)\}$/, ':$1{.+}') : path.replace(/\{(\w+)\}/, ':$1');

/** What every path that is no route of ours is called, so that labels stay bounded. */
export const OTHER_ROUTE = 'other';
