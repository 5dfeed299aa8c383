import type { AttributeSet, TraceSpan } from '../telemetry/index.ts';
import type { RelayContext, RelayRequest, RunningRelay } from './relay.ts';
import type { Model, Turn, TurnEvent, Usage } from './turn.ts';
import type { TurnSupport } from './turn-support.ts';

/** What a turn has used. */
export interface TurnUsage {
  readonly usage: Usage | null;
  /** False where the turn was stopped before its end: a call of the model that was cut tells nothing. */
  readonly isComplete: boolean;
}

/** What a turn's events are where they are those of one call of a model, and not of an agent. */
export interface TurnModelCall {
  readonly operation: 'chat';
  /** More of it, for its span. */
  readonly attributes: AttributeSet;
}

/** What a backend says of a request: the ids to find it by, its events, and the way to stop it. */
export interface RunningTurn {
  /** Null where the backend has none. */
  readonly conversationId: string | null;
  /** The model that the backend says it uses; null when it does not say. */
  readonly model: string | null;
  /** When the turn was asked for, in nanoseconds since the epoch. */
  readonly requestedNs: bigint;
  /** When all of the request had been sent, where the wait from then on is the model at work. */
  readonly sentNs?: bigint;
  /** How long the request waited for a connection, in milliseconds, where it was one over HTTP. */
  readonly connectMs?: number;
  /** Absent where the backend is an agent. */
  readonly call?: TurnModelCall;
  /** The span that events of the turn belong to from now on. */
  attach(span: TraceSpan): void;
  /** Ends with `done` or `failed`; leaving the loop early cancels the turn. */
  readonly events: AsyncIterable<TurnEvent>;
  /** Stops the turn, and waits a little for its end and what is told with it: what it has used by then. */
  stop(): Promise<TurnUsage>;
  /** Lets go of the turn, also where nobody has listened to it; one that still runs is stopped. Twice is harmless. */
  release(): void;
}

/** Whom a call to the backend is made for. */
export interface CallContext {
  readonly span: TraceSpan;
  readonly signal: AbortSignal;
  /** Absent where it is made for nobody. */
  readonly reqId?: string;
  /** Until the request's own deadline, in milliseconds; absent where it has none. */
  readonly remainingMs?: () => number;
  /** The client's own, of which a backend may send some on. */
  readonly headers?: RelayRequest['headers'];
  /** Whether another backend may be asked where this one cannot serve the request. */
  readonly canFailOver?: boolean;
}

interface BackendBase {
  /** As the routes file names it. */
  readonly name: string;
  /** For `gen_ai.provider.name`. */
  readonly provider: string;
  /** Whether a model of this name was there at some time. */
  knows(model: string): boolean;
  models(context: CallContext): Promise<readonly Model[]>;
}

/** Answers turns: data of the gateway's own, free of any API. */
export interface TurnBackend extends BackendBase {
  readonly kind: 'turn';
  /** What it makes of the parameters of a request. */
  readonly support: TurnSupport;
  /** Hands the turn over. Rejects with a `GatewayError` (`model_not_found`, `backend_exited`, …). */
  submit(context: CallContext, turn: Turn): Promise<RunningTurn>;
}

/** Answers requests as their clients sent them. */
export interface RelayBackend extends BackendBase {
  readonly kind: 'relay';
  /**
   * Sends the request on, again where that is safe. Resolves once the answer's head is there, or the request has failed after it was sent.
   *
   * @param model - what stands in the place of the client's own word; null leaves that as it is
   * @param canFailOver - whether another backend may be asked instead: it then rejects with a `RelayFailure` where that is safe
   */
  relay(
    context: RelayContext,
    request: RelayRequest,
    model: string | null,
    canFailOver: boolean,
  ): Promise<RunningRelay>;
}

export type Backend = TurnBackend | RelayBackend;

/** A backend that a request may go to. */
export interface Candidate {
  readonly backend: Backend;
  /** What the backend is told as the model; null: as the client named it. */
  readonly model: string | null;
}

/** Knows which backends a request may go to. */
export interface Router {
  /** Whether any backend takes such requests, itself or by a translation. */
  serves(asked: Pick<RelayRequest, 'api' | 'target'>): boolean;
  /** The backends in the order of trying, from what is known; null where none is known to have the model. */
  candidates(request: RelayRequest): readonly Candidate[] | null;
  /** Asks the backends for their models first. Rejects with `model_not_found`. */
  find(context: CallContext, request: RelayRequest): Promise<readonly Candidate[]>;
  models(context: CallContext): Promise<readonly Model[]>;
  /** Rejects with `model_not_found` where there is none of that id. */
  model(context: CallContext, id: string): Promise<Model>;
  /** Whether a model of this name was there at some time. */
  knows(model: string): boolean;
}
