import type { GatewayError } from '../errors.ts';
import type { Outcome, RequestTrace, TraceSpan } from '../telemetry/index.ts';
import type { Backend, RelayBackend, RunningTurn } from './backends.ts';
import type { BackendCall, Call } from './call.ts';
import type { RelayFlow, RelayRequest, RunningRelay } from './relay.ts';
import type { FinishReason, Model, Turn, TurnEvents, Usage } from './turn.ts';

export type {
  AttributeSet,
  Carrier,
  EventDetail,
  HeldRest,
  HeldTexts,
  Outcome,
  Payload,
  RequestTrace,
  ShownText,
  TraceSpan,
} from '../telemetry/index.ts';
export type {
  Backend,
  CallContext,
  Candidate,
  RelayBackend,
  Router,
  RunningTurn,
  TurnBackend,
  TurnUsage,
} from './backends.ts';

/** Where the time of a request goes, in milliseconds; null for what has not happened. */
export interface Times {
  /** For a place among those that use the backend. */
  queueMs: number | null;
  /** For a connection to the backend: 0 where one was open. */
  connectMs: number | null;
  /** From the request's last byte to the answer's head. */
  headMs: number | null;
  /** From the beginning of the attempt that counts to the answer's last byte. */
  upstreamMs: number | null;
}

/** One request on its way through: who it is, its trace, and the two ends of its connection to the client. */
export interface Exchange {
  readonly reqId: string;
  readonly trace: RequestTrace;
  readonly client: Client;
  /** Aborts when nobody waits any more; its reason is the `GatewayError` that ends the request. */
  readonly signal: AbortSignal;
  /** Nanoseconds since the epoch. */
  readonly receivedNs: bigint;
  /** Until the request's own deadline, in milliseconds. */
  remainingMs(): number;
  /** What the ingress has learned about the request, for its usage record. */
  readonly facts: {
    model: string | null;
    responseModel: string | null;
    /** Of a response that the backend may have stored; null for every other answer. */
    responseId: string | null;
    /** The backend that was asked last; null where none was. */
    backend: string | null;
    keyName: string | null;
    readonly times: Times;
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
  /** A promise resolves when the client has room for more, and rejects with the signal's reason once it has left; null: it has room. */
  write(chunk: string | Uint8Array): Promise<void> | null;
  /** Resolves true when every byte went out, false when the client had left before. */
  end(): Promise<boolean>;
  /** Cuts the connection off, where what was sent must not look whole. */
  destroy(): void;
}

/** A model's name as records may have it: a client can name anything as its model. */
export type NameModel = (claimed: string | null) => string | null;

/** What the backend gave for a call, once it has been submitted. */
export type Answer =
  | {
      readonly type: 'turn';
      readonly turn: Turn;
      readonly running: RunningTurn;
      readonly backend: Pick<Backend, 'name' | 'provider'>;
    }
  | {
      readonly type: 'relay';
      readonly request: RelayRequest;
      readonly running: RunningRelay;
      readonly backend: Pick<RelayBackend, 'name' | 'provider' | 'forwardsKey'>;
    }
  | { readonly type: 'models'; readonly models: readonly Model[] }
  | { readonly type: 'model'; readonly model: Model };

export type TurnAnswer = Extract<Answer, { type: 'turn' }>;
export type RelayAnswer = Extract<Answer, { type: 'relay' }>;
/** Of what the gateway itself knows. */
export type ModelsAnswer = Exclude<Answer, TurnAnswer | RelayAnswer>;

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
  backendIo: {
    turn(exchange: Exchange, answer: TurnAnswer): TurnEvents;
    relay(exchange: Exchange, answer: RelayAnswer): RelayFlow;
  };
  /** 4. What the client gets. Each of these settles the request and never rejects. */
  clientEgress: {
    turn(exchange: Exchange, answer: TurnAnswer, events: TurnEvents): Promise<Settlement>;
    relay(exchange: Exchange, answer: RelayAnswer, flow: RelayFlow): Promise<Settlement>;
    models(exchange: Exchange, answer: ModelsAnswer): Promise<Settlement>;
    /** Says what a route takes; nothing of it needs a backend. */
    methods(exchange: Exchange, call: Extract<Call, { type: 'methods' }>): Promise<Settlement>;
    refuse(exchange: Exchange, error: GatewayError): Promise<Settlement>;
  };
  /** 5. Always, last, once. */
  usageSummary(exchange: Exchange, settlement: Settlement): void;
}
