import type { GatewayError } from '../errors.ts';
import type { Outcome, RequestTrace, TraceSpan } from '../telemetry/index.ts';
import type { BackendCall, Call, FinishReason, Model, Turn, TurnEvent, Usage } from './turn.ts';

export type {
  AttributeSet,
  Carrier,
  EventDetail,
  Outcome,
  RequestTrace,
  TextStream,
  TraceSpan,
} from '../telemetry/index.ts';

/** One request on its way through: who it is, its trace, and the two ends of its connection to the client. */
export interface Exchange {
  readonly reqId: string;
  readonly trace: RequestTrace;
  readonly client: Client;
  /** Aborts when nobody waits any more; its reason is the `GatewayError` that ends the request. */
  readonly signal: AbortSignal;
  /** Nanoseconds since the epoch. */
  readonly receivedNs: bigint;
  /** What the ingress has learned about the request, for its usage record. */
  readonly facts: {
    model: string | null;
    responseModel: string | null;
    keyName: string | null;
    /** Parameters that were accepted and have no effect. */
    ignored: readonly string[];
    /** Parameters that the gateway takes care of, since the backend cannot. */
    emulated: readonly string[];
  };
  /** Takes the request off the wire: reads, parses, authenticates, validates. Rejects with a `GatewayError`. */
  readonly receive: (ingress: TraceSpan) => Promise<Call>;
}

/** The client's end: bytes go out here, and here alone. */
export interface Client {
  /** True for HEAD: the answer has a head and no body. */
  readonly bodiless: boolean;
  readonly headSent: boolean;
  /** False while the head waits behind an earlier answer of the same connection: what ends then has sent nothing. */
  readonly headOut: boolean;
  readonly bytesWritten: number;
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** Resolves when the client has room for more; rejects with the signal's reason once it has left. */
  write(chunk: string): Promise<void>;
  /** Resolves true when every byte went out, false when the client had left before. */
  end(): Promise<boolean>;
}

/** What a turn has used. */
export interface TurnUsage {
  readonly usage: Usage | null;
  /** False where the turn was stopped before its end: a call of the model that was cut tells nothing. */
  readonly isComplete: boolean;
}

/** What a backend says of a request: the ids to find it by, its events, and the way to stop it. */
export interface RunningTurn {
  readonly conversationId: string;
  /** The model that the backend says it uses; null when it does not say. */
  readonly model: string | null;
  /** When the turn was asked for, in nanoseconds since the epoch. */
  readonly requestedNs: bigint;
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
}

/** A model's name as records may have it: a client can name anything as its model. */
export type NameModel = (claimed: string | null) => string | null;

export interface Backend {
  /** For `gen_ai.provider.name`. */
  readonly provider: string;
  /** Whether a model of this name was there at some time. */
  knows(model: string): boolean;
  models(context: CallContext): Promise<readonly Model[]>;
  /** Rejects with `model_not_found` where there is none of that id. */
  model(context: CallContext, id: string): Promise<Model>;
  /** Hands the turn over. Rejects with a `GatewayError` (`model_not_found`, `backend_exited`, …). */
  submit(context: CallContext, turn: Turn): Promise<RunningTurn>;
}

/** What the backend gave for a call, once it has been submitted. */
export type Answer =
  | { readonly type: 'turn'; readonly turn: Turn; readonly running: RunningTurn }
  | { readonly type: 'models'; readonly models: readonly Model[] }
  | { readonly type: 'model'; readonly model: Model };

/** What became of a request, for the usage record and the access line. */
export interface Settlement {
  readonly outcome: Outcome;
  readonly status: number;
  readonly error: GatewayError | null;
  readonly usage: Usage | null;
  /** Whether the provider said that `usage` is final. */
  readonly usageComplete: boolean;
  readonly firstTokenNs: bigint | null;
  readonly finishReason: FinishReason | null;
}

/** The owners of the five phases, in the order in which a request meets them. */
export interface Phases {
  /** 1. Reads the request and finds it valid, or rejects. */
  httpIngress(exchange: Exchange): Promise<Call>;
  /** 2. Hands it to the backend. */
  backendSubmission(exchange: Exchange, call: BackendCall): Promise<Answer>;
  /** 3. What the backend says, as it says it. */
  backendIo(exchange: Exchange, answer: Extract<Answer, { type: 'turn' }>): AsyncIterable<TurnEvent>;
  /** 4. What the client gets. Each of these settles the request and never rejects. */
  clientEgress: {
    turn(
      exchange: Exchange,
      answer: Extract<Answer, { type: 'turn' }>,
      events: AsyncIterable<TurnEvent>,
    ): Promise<Settlement>;
    models(exchange: Exchange, answer: Exclude<Answer, { type: 'turn' }>): Promise<Settlement>;
    /** Says what a route takes; nothing of it needs a backend. */
    methods(exchange: Exchange, call: Extract<Call, { type: 'methods' }>): Promise<Settlement>;
    refuse(exchange: Exchange, error: GatewayError): Promise<Settlement>;
  };
  /** 5. Always, last, once. */
  usageSummary(exchange: Exchange, settlement: Settlement): void;
}
