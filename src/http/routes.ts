import type { Call } from '../gateway/turn.ts';
import type { Mode } from '../telemetry/phases.ts';
import { chatRequest, toTurn } from './chat-request.ts';
import { validate } from './validate.ts';

/** A route of the API: what it is called in telemetry, and how its body becomes a call. */
export interface Route {
  readonly path: string;
  readonly methods: readonly string[];
  readonly hasBody: boolean;
  /** The mode, from a body that may still be invalid. */
  mode(body: unknown): Mode;
  /** Throws a `GatewayError` for a body that is not valid. */
  toCall(body: unknown): Call;
}

const isStream = (body: unknown): boolean => (body as { stream?: unknown } | null)?.stream === true;

export const ROUTES: readonly Route[] = [
  {
    path: '/v1/chat/completions',
    methods: ['POST'],
    hasBody: true,
    mode: (body) => (isStream(body) ? 'chat_stream' : 'chat_nonstream'),
    toCall: (body) => ({ type: 'turn', turn: toTurn(validate(chatRequest, body)) }),
  },
  {
    path: '/v1/models',
    methods: ['GET', 'HEAD'],
    hasBody: false,
    mode: () => 'models',
    toCall: () => ({ type: 'models' }),
  },
];

/** What every path that is no route of ours is called, so that labels stay bounded. */
export const OTHER_ROUTE = 'other';
