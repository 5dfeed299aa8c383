/** What the app-server sends by itself: its notifications, and its requests to the client. `index.ts` says where the shapes come from. */

import type {
  ProtocolTurn,
  ResponseItem,
  RpcRequestId,
  ThreadStatus,
  ThreadView,
  TurnError,
} from './index.ts';
import type { ThreadItem } from './items.ts';

export interface TokenUsage {
  readonly totalTokens: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningOutputTokens: number;
}

interface InTurn {
  readonly threadId: string;
  readonly turnId: string;
}
type OfItem = InTurn & { readonly itemId: string };

/** `total` counts the whole thread, `last` the latest call of the model. */
export interface ThreadTokenUsage {
  readonly total: TokenUsage;
  readonly last: TokenUsage;
  readonly modelContextWindow: number | null;
}

interface NotificationParams {
  'thread/started': { readonly thread: ThreadView };
  'thread/status/changed': { readonly threadId: string; readonly status: ThreadStatus };
  'thread/tokenUsage/updated': InTurn & { readonly tokenUsage: ThreadTokenUsage };
  'turn/started': { readonly threadId: string; readonly turn: ProtocolTurn };
  'turn/completed': { readonly threadId: string; readonly turn: ProtocolTurn };
  'item/started': InTurn & { readonly item: ThreadItem; readonly startedAtMs: number };
  'item/completed': InTurn & {
    readonly item: ThreadItem;
    readonly completedAtMs: number;
    readonly contentTokenCount: number | null;
  };
  'item/agentMessage/delta': OfItem & { readonly delta: string };
  'item/reasoning/summaryPartAdded': OfItem & { readonly summaryIndex: number };
  'item/reasoning/summaryTextDelta': OfItem & { readonly summaryIndex: number; readonly delta: string };
  'item/commandExecution/outputDelta': OfItem & { readonly delta: string };
  /** Both of them on a thread with `experimentalRawEvents` alone. */
  'rawResponseItem/completed': InTurn & { readonly item: ResponseItem };
  'rawResponse/completed': InTurn & {
    readonly responseId: string;
    readonly usage: TokenUsage | null;
    readonly usageMetadata: null;
  };
  'serverRequest/resolved': { readonly threadId: string; readonly requestId: RpcRequestId };
  error: InTurn & { readonly error: TurnError; readonly willRetry: boolean };
}

/** A notification of the server, told apart by `method`; the real server has more methods. */
export type ServerNotification = {
  [method in keyof NotificationParams]: {
    readonly method: method;
    readonly params: NotificationParams[method];
  };
}[keyof NotificationParams];

/** What the server asks of the client; ids count from 0, in a space of their own. Each one must be answered. */
export type ServerRequest =
  | {
      readonly method: 'item/tool/call';
      readonly params: InTurn & {
        readonly callId: string;
        readonly namespace: string | null;
        readonly tool: string;
        readonly arguments: unknown;
      };
    }
  | {
      readonly method: 'item/commandExecution/requestApproval';
      readonly params: OfItem & {
        readonly kind: 'command';
        readonly startedAtMs: number;
        readonly environmentId: string | null;
        readonly reason: string | null;
        readonly command: string;
        readonly cwd: string;
      };
    };
