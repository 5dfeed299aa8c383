import type { GatewayError } from '../errors.ts';

/** One earlier message of the conversation, in the order sent. */
export interface Message {
  readonly role: 'system' | 'developer' | 'user' | 'assistant';
  readonly text: string;
}

/** What the client asks of a model, free of any API's shape. */
export interface Turn {
  readonly model: string;
  readonly stream: boolean;
  readonly includeUsage: boolean;
  /** The leading system and developer messages, joined; null when the client sent none. */
  readonly instructions: string | null;
  readonly history: readonly Message[];
  /** The last user message; null when the conversation ends with somebody else's. */
  readonly input: string | null;
}

/** Token counts as the provider gave them; cached and reasoning tokens are parts of input and output. */
export interface Usage {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_output_tokens: number;
  readonly total_tokens: number;
}

export type FinishReason = 'stop' | 'length' | 'content_filter';

/** What a backend says while it answers. `done` or `failed` comes last, once. */
export type TurnEvent =
  | { readonly type: 'text'; readonly delta: string }
  | { readonly type: 'reasoning'; readonly delta: string }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'done'; readonly finishReason: FinishReason }
  | { readonly type: 'failed'; readonly error: GatewayError };

/** What a request asks for, once it has been read and found valid. */
export type Call = { readonly type: 'turn'; readonly turn: Turn } | { readonly type: 'models' };

export interface Model {
  readonly id: string;
}
