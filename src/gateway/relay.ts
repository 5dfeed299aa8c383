import type { GatewayError } from '../errors.ts';
import type { TraceSpan } from '../telemetry/index.ts';
import type { FinishReason, Usage } from './turn.ts';

/** The API of a request. `other`: any other path, for a backend with `passthrough`. */
export type Api = 'chat' | 'completions' | 'responses' | 'embeddings' | 'moderations' | 'other';

/** The body of a request. A stream can be read once, so its request is never sent again. */
export type RelayBody =
  | { readonly type: 'none' }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'stream'; readonly size: number | null; readonly chunks: AsyncIterable<Uint8Array> };

/** A request as its client sent it. */
export interface RelayRequest {
  readonly api: Api;
  readonly method: string;
  /** The path below `/v1` with its query, as the client sent it: `/chat/completions`, `/responses/resp_1?stream=true`. */
  readonly target: string;
  /** The client's headers, as Node gives them. The backend chooses those that it forwards. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: RelayBody;
  /** The parsed body; undefined if it is not JSON. */
  readonly value: unknown;
  readonly model: string | null;
  readonly stream: boolean;
}

/** Headers by lower-case name, without those of a single connection. */
export type RelayHeaders = Readonly<Record<string, string>>;

/** The bytes of an answer as they come. They can be read once, and the sender is paused while nobody reads. Throws a `GatewayError` if the answer is cut. */
export interface AnswerBytes extends AsyncIterable<Uint8Array> {
  /**
   * Hands over each piece as soon as it has come, without a turn in between. What comes while a promise of `take` is open waits for it.
   * Resolves at the end of the answer; rejects if it is cut, or with what `take` throws.
   */
  readonly each?: (take: (piece: Uint8Array) => Promise<void> | null) => Promise<void>;
}

/** The answer of a relaying backend: its head and its bytes. */
export interface RelayedAnswer {
  readonly status: number;
  readonly headers: RelayHeaders;
  /** All headers that telemetry may show. */
  readonly shownHeaders: RelayHeaders;
  readonly bytes: AnswerBytes;
  /** Whether the gateway asked for usage and the client did not: the event that holds only usage is hidden. */
  readonly hidesUsage: boolean;
}

/** A request that a relaying backend has sent. Times ending in `Ns` are nanoseconds since the epoch. */
export interface RunningRelay {
  /** When the last attempt began, and when its whole request had been sent. */
  readonly requestedNs: bigint;
  readonly sentNs: bigint;
  /** How long the last attempt waited for a connection, in milliseconds; 0 if one was open. */
  readonly connectMs: number;
  /** How many attempts came before the last one. */
  readonly resends: number;
  /** The host and the port of the server. */
  readonly server: { readonly address: string; readonly port: number };
  /** The model's name as it was sent. */
  readonly model: string | null;
  /** The answer, or why there is none. */
  readonly result:
    | { readonly type: 'answer'; readonly answer: RelayedAnswer }
    | { readonly type: 'failed'; readonly error: GatewayError };
  /** Releases the request; a running one is cut. May be called twice. */
  release(): void;
}

/** One frame of a streamed answer, as telemetry may show it. */
export interface RelayFrame {
  /** Its parsed data, in which each text ends with its last whole word; or its text if it is not JSON. */
  readonly shown: unknown;
  /** Its `sequence_number`; null where it has none. */
  readonly number: number | null;
  /** Whether it is one of many similar frames. */
  readonly bulk: boolean;
  /** Whether it is the API's last frame: `[DONE]`, `response.completed`. */
  readonly terminal: boolean;
}

/** The end of an answer. */
export interface RelayEnd {
  readonly usage: Usage | null;
  readonly usageComplete: boolean;
  readonly finishReason: FinishReason | null;
  readonly firstTokenNs: bigint | null;
  /** The error that the answer itself holds: by its status, or inside of a stream. The client has already got it. */
  readonly error: GatewayError | null;
}

/** The events of a relayed answer. `end` or `failed` comes last, once. */
export type RelayEvent =
  /** Comes first. `stream`: frames follow; `whole`: the whole answer in one piece; `bytes`: pieces that are not parsed. */
  | {
      readonly type: 'head';
      readonly status: number;
      readonly headers: RelayHeaders;
      readonly kind: 'stream' | 'whole' | 'bytes';
    }
  /** Bytes for the client, and the frames that end in them. */
  | { readonly type: 'frames'; readonly bytes: Uint8Array; readonly frames: readonly RelayFrame[] }
  | { readonly type: 'whole'; readonly bytes: Uint8Array; readonly shown: unknown }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly end: RelayEnd }
  /** The answer was cut. `inFrame`: inside of a frame, so that no error event can follow. */
  | {
      readonly type: 'failed';
      readonly error: GatewayError;
      readonly inFrame: boolean;
      readonly end: RelayEnd;
    };

/** Takes the events of a relayed answer. A promise: there is no room for more until it resolves. */
export type TakeRelayed = (event: RelayEvent) => Promise<void> | null;

/** A relayed answer that waits for somebody to take it. Call once; resolves when `end` or `failed` has been taken. */
export type RelayFlow = (take: TakeRelayed) => Promise<void>;

/** The request for which a relaying backend is called. */
export interface RelayContext {
  readonly reqId: string;
  /** `backend_submission`: each attempt is a CLIENT span below it. */
  readonly span: TraceSpan;
  readonly signal: AbortSignal;
  /** Milliseconds until the request's deadline; absent if it has none. */
  readonly remainingMs?: () => number;
}
