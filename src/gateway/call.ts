import type { Candidate, TurnBackend } from './backends.ts';
import type { RelayRequest } from './relay.ts';
import type { TurnCall } from './turn.ts';

/** A request to a model: as its client sent it, its candidates, and its form as a turn. */
export interface RequestCall {
  readonly type: 'request';
  readonly request: RelayRequest;
  /** In the order of trying; null if no backend is known to have the model. */
  readonly candidates: readonly Candidate[] | null;
  /** Rejects with a `GatewayError` if the backend cannot do what the request asks for. */
  toTurn(backend: TurnBackend): Promise<TurnCall>;
}

/** A request that has been read and found valid. */
export type Call =
  | RequestCall
  | { readonly type: 'models' }
  | { readonly type: 'model'; readonly id: string }
  /** The answer is the methods of the route: no backend is asked. */
  | { readonly type: 'methods'; readonly methods: readonly string[] };

/** A call that a backend answers. */
export type BackendCall = Exclude<Call, { type: 'methods' }>;
