import type { AttributeSet, TraceSpan } from '../telemetry/index.ts';
import type { RelayContext, RelayRequest, RunningRelay } from './relay.ts';
import type { Model, Turn, TurnEvents, Usage } from './turn.ts';
import type { TurnSupport } from './turn-support.ts';

/** The usage of a turn. */
export interface TurnUsage {
  readonly usage: Usage | null;
  /** False if the turn was stopped early: a model call that is cut reports no usage. */
  readonly isComplete: boolean;
}

/** Describes a turn that is one model call, and not the work of an agent. */
export interface TurnModelCall {
  readonly operation: 'chat';
  /** Further attributes for its span. */
  readonly attributes: AttributeSet;
}

/** A turn that runs at a backend: its ids, its events and how to stop it. */
export interface RunningTurn {
  /** Null if the backend has none. */
  readonly conversationId: string | null;
  /** The model that the backend reports; null if it does not. */
  readonly model: string | null;
  /** When the turn was requested, in nanoseconds since the epoch. */
  readonly requestedNs: bigint;
  /** When the whole request had been sent to an HTTP server, in nanoseconds since the epoch: the model works from then on. */
  readonly sentNs?: bigint;
  /** How long the request waited for an HTTP connection, in milliseconds. */
  readonly connectMs?: number;
  /** Absent if the backend is an agent. */
  readonly call?: TurnModelCall;
  /** Sets the span that later events of the turn belong to. */
  attach(span: TraceSpan): void;
  /** Ends with `done` or `failed`; leaving the loop early cancels the turn. */
  readonly events: TurnEvents;
  /** Stops the turn, waits a little for its end, and resolves with its usage so far. */
  stop(): Promise<TurnUsage>;
  /** Releases the turn, even if nobody read its events; a running turn is stopped. May be called twice. */
  release(): void;
}

/** The request for which a backend is called. */
export interface CallContext {
  readonly span: TraceSpan;
  readonly signal: AbortSignal;
  /** Absent for the gateway's own calls. */
  readonly reqId?: string;
  /** Milliseconds until the request's deadline; absent if it has none. */
  readonly remainingMs?: () => number;
  /** The client's headers. A backend may forward some of them. */
  readonly headers?: RelayRequest['headers'];
  /** Whether another backend can be tried if this one fails. */
  readonly canFailOver?: boolean;
}

interface BackendBase {
  /** As the routes file names it. */
  readonly name: string;
  /** For `gen_ai.provider.name`. */
  readonly provider: string;
  /** Whether the backend has ever listed this model. */
  knows(model: string): boolean;
  models(context: CallContext): Promise<readonly Model[]>;
}

/** A backend that takes turns: the gateway's own form of a request, which belongs to no API. */
export interface TurnBackend extends BackendBase {
  readonly kind: 'turn';
  /** How it treats the parameters of a request. */
  readonly support: TurnSupport;
  /** Submits the turn. Rejects with a `GatewayError` (`model_not_found`, `backend_exited`, …). */
  submit(context: CallContext, turn: Turn): Promise<RunningTurn>;
}

/** A backend that takes requests as their clients sent them. */
export interface RelayBackend extends BackendBase {
  readonly kind: 'relay';
  /** Whether it is sent the client's own key: if so, a refused key is the client's error. */
  readonly forwardsKey: boolean;
  /**
   * Sends the request, and sends it again where that is safe. Resolves when the head of the answer has come, or when the
   * request has failed after it was sent.
   *
   * @param model - replaces the model in the body; null keeps the client's own
   * @param canFailOver - whether another backend can be tried: then it rejects with a `RelayFailure` where that is safe
   */
  relay(
    context: RelayContext,
    request: RelayRequest,
    model: string | null,
    canFailOver: boolean,
  ): Promise<RunningRelay>;
}

export type Backend = TurnBackend | RelayBackend;

/** A backend that may serve a request. */
export interface Candidate {
  readonly backend: Backend;
  /** The model's name for this backend; null: the client's own. */
  readonly model: string | null;
}

/** Chooses the backends for a request. */
export interface Router {
  /** Whether any backend takes such requests, directly or by translation. */
  serves(asked: Pick<RelayRequest, 'api' | 'target'>): boolean;
  /** The backends in the order of trying, without asking them; null if none is known to have the model. */
  candidates(request: RelayRequest): readonly Candidate[] | null;
  /** The same, but asks the backends for their models if needed. Rejects with `model_not_found` or `route_not_found`. */
  find(context: CallContext, request: RelayRequest): Promise<readonly Candidate[]>;
  models(context: CallContext): Promise<readonly Model[]>;
  /** Rejects with `model_not_found`. */
  model(context: CallContext, id: string): Promise<Model>;
  /** Whether a backend or a rule has ever had this model. */
  knows(model: string): boolean;
}
