import type { Candidate, TurnBackend } from './backends.ts';
import type { RelayRequest } from './relay.ts';
import type { TurnCall } from './turn.ts';

/** A request to a model: as its client sent it, where it may go, and what it is for a backend that takes turns. */
export interface RequestCall {
  readonly type: 'request';
  readonly request: RelayRequest;
  /** In the order of trying; null where no backend is known to have the model. */
  readonly candidates: readonly Candidate[] | null;
  /** Rejects with a `GatewayError` where the backend cannot do what the request asks for. */
  toTurn(backend: TurnBackend): Promise<TurnCall>;
}

/** What a request asks for, once it has been read and found valid. */
export type Call =
  | RequestCall
  | { readonly type: 'models' }
  | { readonly type: 'model'; readonly id: string }
  /** What a route takes: nothing to ask a backend. */
  | { readonly type: 'methods'; readonly methods: readonly string[] };

/** A call that a backend answers. */
export type BackendCall = Exclude<Call, { type: 'methods' }>;
