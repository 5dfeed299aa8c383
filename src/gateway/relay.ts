import type { GatewayError } from '../errors.ts';
import type { TraceSpan } from '../telemetry/index.ts';
import type { FinishReason, Usage } from './turn.ts';

/** What a request to a model is written in; `other`: a path that a backend with `passthrough` takes as it comes. */
export type Api = 'chat' | 'completions' | 'responses' | 'embeddings' | 'moderations' | 'other';

/** The body of a request that may be relayed. A stream can be read once: what has one is never sent twice. */
export type RelayBody =
  | { readonly type: 'none' }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'stream'; readonly size: number | null; readonly chunks: AsyncIterable<Uint8Array> };

/** A request as its client sent it. */
export interface RelayRequest {
  readonly api: Api;
  readonly method: string;
  /** The path below `/v1` and the query, as the client sent them: `/chat/completions`, `/responses/resp_1?stream=true`. */
  readonly target: string;
  /** Node's headers of the client. A backend picks those that go on. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: RelayBody;
  /** The body as JSON; undefined where it is none. */
  readonly value: unknown;
  readonly model: string | null;
  readonly stream: boolean;
}

/** The end-to-end headers of an answer that go on to the client, by lower-case name. */
export type RelayHeaders = Readonly<Record<string, string>>;

/** What a relaying backend gave for a request: the head of its answer, and its bytes. */
export interface RelayedAnswer {
  readonly status: number;
  readonly headers: RelayHeaders;
  /** All headers that telemetry may show. */
  readonly shownHeaders: RelayHeaders;
  /** As they come; the sender is held back while nobody reads. Throws a `GatewayError` where they break off. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Whether the gateway itself asked for usage, so that the one event that has it alone is not for the client. */
  readonly hidesUsage: boolean;
}

/** One request under way at a relaying backend. Times are nanoseconds since the epoch. */
export interface RunningRelay {
  /** When the attempt that counts began, and when all of its request had been sent. */
  readonly requestedNs: bigint;
  readonly sentNs: bigint;
  /** How long the attempt that counts waited for a connection, in milliseconds; 0 on one that was open. */
  readonly connectMs: number;
  /** Attempts before the one that counts. */
  readonly resends: number;
  /** The host and the port that were asked. */
  readonly server: { readonly address: string; readonly port: number };
  /** The model's name as it was sent on. */
  readonly model: string | null;
  /** The answer, or why there is none although the request was sent. */
  readonly result:
    | { readonly type: 'answer'; readonly answer: RelayedAnswer }
    | { readonly type: 'failed'; readonly error: GatewayError };
  /** Lets go of the request; one that still runs is cut off. Twice is harmless. */
  release(): void;
}

/** One frame of a streamed answer, as telemetry may show it. */
export interface RelayFrame {
  /** Its parsed data, with text deltas up to their last whole word; or a text. */
  readonly shown: unknown;
  /** One of many alike. */
  readonly bulk: boolean;
  /** The API's last frame: `[DONE]`, `response.completed`. */
  readonly terminal: boolean;
}

/** What an answer came to. */
export interface RelayEnd {
  readonly usage: Usage | null;
  readonly usageComplete: boolean;
  readonly finishReason: FinishReason | null;
  readonly firstTokenNs: bigint | null;
  /** What the answer itself says went wrong: by its status, or in the middle of a stream. Its words have been told already. */
  readonly error: GatewayError | null;
}

/** What a relayed answer says, piece by piece. `end` or `failed` comes last, once. */
export type RelayEvent =
  /** Comes first. `stream`: frames follow; `whole`: one piece with all of the answer; `bytes`: pieces of which nothing is known but their size. */
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
  /** It broke off. `inFrame`: in the middle of a frame, so that nothing can be said behind it. */
  | {
      readonly type: 'failed';
      readonly error: GatewayError;
      readonly inFrame: boolean;
      readonly end: RelayEnd;
    };

/** For whom a relaying backend works. */
export interface RelayContext {
  readonly reqId: string;
  /** `backend_submission`: each attempt is a CLIENT span below it. */
  readonly span: TraceSpan;
  readonly signal: AbortSignal;
  /** Milliseconds that the request still has; absent where nobody has set it a deadline. */
  readonly remainingMs?: () => number;
}
