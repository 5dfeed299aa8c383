import type { Call } from '../gateway/turn.ts';
import type { Mode } from '../telemetry/phases.ts';
import { chatRequest, toChatCall } from './requests/chat.ts';
import { completionsRequest, toCompletionsCall } from './requests/completions.ts';
import type { RequestOptions } from './requests/parameters.ts';
import { validate } from './validate.ts';

/** A route of the API: what it is called in telemetry, and how a request to it becomes a call. */
export interface Route {
  /** The template: `http.route`. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly hasBody: boolean;
  /** The mode, from a body that may still be invalid. */
  mode(body: unknown): Mode;
  /** Throws a `GatewayError` for a request that is not valid. `path` is the one that was asked for. */
  toCall(body: unknown, options: RequestOptions, path: string): Call;
}

const isStream = (body: unknown): boolean => (body as { stream?: unknown } | null)?.stream === true;

const MODELS = '/v1/models';

export const ROUTES: readonly Route[] = [
  {
    path: '/v1/chat/completions',
    methods: ['POST'],
    hasBody: true,
    mode: (body) => (isStream(body) ? 'chat_stream' : 'chat_nonstream'),
    toCall: (body, options) => toChatCall(validate(chatRequest, body), options),
  },
  {
    path: '/v1/completions',
    methods: ['POST'],
    hasBody: true,
    mode: (body) => (isStream(body) ? 'completions_stream' : 'completions_nonstream'),
    toCall: (body, options) => toCompletionsCall(validate(completionsRequest, body), options),
  },
  {
    path: MODELS,
    methods: ['GET', 'HEAD'],
    hasBody: false,
    mode: () => 'models',
    toCall: () => ({ type: 'models' }),
  },
  {
    path: `${MODELS}/{id}`,
    methods: ['GET', 'HEAD'],
    hasBody: false,
    mode: () => 'models',
    // Ids of models may hold slashes, so the rest of the path is the id.
    toCall: (_, __, path) => ({ type: 'model', id: path.slice(MODELS.length + 1) }),
  },
];

/** A route's template as the router writes it. */
export const routerPath = ({ path }: Route): string => path.replace(/\{(\w+)\}$/, ':$1{.+}');

/** What every path that is no route of ours is called, so that labels stay bounded. */
export const OTHER_ROUTE = 'other';
