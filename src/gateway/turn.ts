import type { GatewayError } from '../errors.ts';

/** A piece of a message: text, or an image by its URL (`data:` included). */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  /** `detail`: how closely it is to be looked at, where the client says so. */
  | { readonly type: 'image'; readonly url: string; readonly detail?: string };

/** What a message of the model's is meant as, where it says so: words on the way, or the answer. */
export const MESSAGE_PHASES = ['commentary', 'final_answer'] as const;
export type MessagePhase = (typeof MESSAGE_PHASES)[number];

/** One earlier step of the conversation, in the order sent. */
export type Item =
  | {
      readonly type: 'message';
      readonly role: 'system' | 'developer' | 'user' | 'assistant';
      readonly parts: readonly Part[];
      /** Of an assistant's message alone. */
      readonly phase?: MessagePhase;
    }
  | ({ readonly type: 'tool_call' } & ToolCall)
  | { readonly type: 'tool_result'; readonly callId: string; readonly output: string }
  /** What the model thought before its next step, for one that wants it back. */
  | { readonly type: 'reasoning'; readonly text: string };

/** A call of a tool of the client's; `arguments` is JSON, as the model wrote it. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly arguments: string;
}

/** What a tool is in the client's API, where that is no plain function: a backend knows functions alone. */
export type ToolForm =
  /** Takes free text: the function has that as its one field `input`. */
  | { readonly type: 'custom' }
  /** Finds further tools, for the client to run. */
  | { readonly type: 'search' }
  | { readonly type: 'namespaced'; readonly namespace: string; readonly name: string };

/** A function that the client offers; it runs it itself. `parameters` is a JSON Schema. */
export interface Tool {
  readonly name: string;
  /** Null where the client gave none. */
  readonly description: string | null;
  readonly parameters: unknown;
  /** Whether calls are to fit `parameters`, where the client says so. */
  readonly strict?: boolean;
  readonly form?: ToolForm;
}

/** The API whose shapes the answer has, with what those shapes repeat of the request. */
export type AnswerShape =
  | { readonly api: 'chat'; readonly includeUsage: boolean }
  | { readonly api: 'completions'; readonly includeUsage: boolean; readonly echo: string }
  | { readonly api: 'responses'; readonly echo: ResponsesEcho };

/** What a response of the Responses API repeats of its request, in that API's own shapes. */
export interface ResponsesEcho {
  readonly instructions: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tools: readonly unknown[];
  readonly toolChoice: 'auto' | 'none' | 'required' | Readonly<Record<string, unknown>>;
  readonly parallelToolCalls: boolean;
  /** `text.format`. */
  readonly format: unknown;
  /** Those that the backend takes; absent ones have no effect. */
  readonly settings?: Readonly<
    Partial<Record<'temperature' | 'top_p' | 'max_output_tokens' | 'service_tier', unknown>>
  >;
}

/** What an answer has to be although the backend has no setting for it: the model is told, and its answer is checked. */
export interface Expected {
  /** It has to call one of the tools that are offered. */
  readonly mustCall: boolean;
  /** It may call one tool at most. */
  readonly oneCall: boolean;
  /** Its text has to be one JSON object. */
  readonly isJson: boolean;
}

/** Any of the tools that are offered, or the one of this name. */
export type ToolChoice = 'required' | { readonly name: string };

/** What the client asks of a model, free of any API's shape. */
export interface Turn {
  readonly model: string;
  readonly stream: boolean;
  readonly answer: AnswerShape;
  /** The leading system and developer messages, joined; null when the client sent none. */
  readonly instructions: string | null;
  /** What the gateway itself tells the model, beside the instructions. */
  readonly rules: string | null;
  readonly history: readonly Item[];
  /** The last user message; null when the conversation ends with something else. */
  readonly input: readonly Part[] | null;
  readonly tools: readonly Tool[];
  /** The JSON Schema that the answer is to fit; null for plain text. */
  readonly outputSchema: unknown;
  /** Null where there is nothing to check. */
  readonly expected: Expected | null;
  /** The form of the answer as `response_format` of Chat Completions, for a backend that knows it; null for plain text. */
  readonly format: Readonly<Record<string, unknown>> | null;
  /** Whether a tool has to be called, and which, for a backend that can be told; null where the model decides. */
  readonly toolChoice: ToolChoice | null;
  /** False: one tool at most, for a backend that can be told. Null where the client does not say. */
  readonly parallelToolCalls: boolean | null;
  /** Further parameters that are passed on unchanged, by their names in Chat Completions: `temperature`, `max_tokens`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly effort: string | null;
  readonly reasoningSummary: 'auto' | 'concise' | 'detailed' | null;
  /** Texts at which the answer is cut; they are not part of it. */
  readonly stop: readonly string[];
}

/** Token counts as the provider gave them; those read from a cache or written to it are parts of the input, reasoning of the output. */
export interface Usage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
  readonly total_tokens: number;
}

export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'content_filter';

/** What stands between two messages of one turn where an API has one text only. */
export const MESSAGE_SEPARATOR = '\n\n';

/** What an answer is made of. A turn may hold several messages and several parts of reasoning, counted from 0. */
export type ContentEvent =
  | {
      readonly type: 'text';
      readonly delta: string;
      readonly message: number;
      readonly phase?: MessagePhase;
    }
  | { readonly type: 'reasoning'; readonly delta: string; readonly part: number }
  /** These were begun and will never be finished: what comes next is said in their place. */
  | { readonly type: 'given_up'; readonly messages: readonly number[]; readonly parts: readonly number[] }
  | ({ readonly type: 'tool_call' } & ToolCall);

/** Makes one text of a stream's messages: gives each delta with the separator that belongs before it. */
export const createTextJoiner = (): ((event: Extract<ContentEvent, { type: 'text' }>) => string) => {
  let last: number | null = null;
  return ({ delta, message }) => {
    const opensNext = last !== null && last !== message;
    last = message;
    return opensNext ? MESSAGE_SEPARATOR + delta : delta;
  };
};

/** What a backend says while it answers. `done` or `failed` comes last, once. */
export type TurnEvent =
  | ContentEvent
  /** `isPartial`: of a turn that was stopped before its end. */
  | { readonly type: 'usage'; readonly usage: Usage; readonly isPartial?: boolean }
  | { readonly type: 'done'; readonly finishReason: FinishReason }
  | { readonly type: 'failed'; readonly error: GatewayError };

/** Takes the events of an answer, one by one. A stage of their way is made with the next one: what it does not hand on, nobody has. */
export type Tell = (event: TurnEvent) => void;

/** What a backend says, in order: at each step all that there is by then, and never nothing. */
export type TurnEvents = AsyncIterable<readonly TurnEvent[]>;

/** Whether a backend says nothing more after this. */
export const isLast = ({ type }: TurnEvent): boolean => type === 'done' || type === 'failed';

/** Fields of a request that no API documents; a client made up their names. */
export interface UnknownFields {
  /** The first ones. */
  readonly names: readonly string[];
  readonly count: number;
}

/** A request as a turn, with what becomes of its parameters. */
export interface TurnCall {
  readonly turn: Turn;
  /** Documented parameters, and places in them, that have no effect. */
  readonly ignored: readonly string[];
  /** Those that the gateway takes care of, since the backend cannot. */
  readonly emulated: readonly string[];
  readonly unknown: UnknownFields;
}

export interface Model {
  readonly id: string;
}
