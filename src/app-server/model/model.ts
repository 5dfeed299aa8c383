import type { TokenUsage } from '../../app-server-protocol/events.ts';
import type { DynamicTool, ResponseItem, TurnError } from '../../app-server-protocol/index.ts';
import type { ProtocolMessagePhase } from '../../app-server-protocol/items.ts';

/** What one call of a model gets to see. */
export interface ModelRequest {
  readonly model: string;
  /** The system prompt: base and developer instructions, joined; empty where the client gave none. */
  readonly instructions: string;
  readonly history: readonly ResponseItem[];
  readonly tools: readonly DynamicTool[];
  readonly effort: string | undefined;
  readonly outputSchema: unknown;
}

/** Something that the model wants done before it goes on. */
export type ModelAction =
  | { readonly type: 'tool_call'; readonly callId: string; readonly name: string; readonly arguments: string }
  | { readonly type: 'command'; readonly callId: string; readonly command: string; readonly ask: boolean };

export type ModelEvent =
  | ModelAction
  /** `phase` says what its message is meant as, for a model that knows. */
  | { readonly type: 'text'; readonly delta: string; readonly phase?: ProtocolMessagePhase }
  | { readonly type: 'reasoning'; readonly delta: string }
  /** The message ends here; text after it begins another one. */
  | { readonly type: 'message_end' }
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  | { readonly type: 'retrying'; readonly error: TurnError }
  | { readonly type: 'failed'; readonly error: TurnError }
  /** From here on the turn does not heed `turn/interrupt`. */
  | { readonly type: 'deaf' }
  /** Written to the client as it stands: for `/garbage`. */
  | { readonly type: 'raw'; readonly text: string };

export interface ModelInfo {
  readonly id: string;
  readonly displayName: string;
  readonly description: string;
}

/** Takes what a model says; the model waits for it, so that a slow client slows the model. */
export type Emit = (event: ModelEvent) => Promise<void>;

/** A model behind the server. It is called again with the results when it asked for something to be done. */
export interface LanguageModel {
  readonly info: ModelInfo;
  /** Resolves after the last event; rejects when the signal aborts. */
  readonly respond: (request: ModelRequest, emit: Emit, signal: AbortSignal) => Promise<void>;
}

/** A turn's error in the real server's shape. */
export const turnError = (message: string, codexErrorInfo: TurnError['codexErrorInfo']): TurnError => ({
  message,
  codexErrorInfo,
  additionalDetails: null,
  misalignment: null,
});
