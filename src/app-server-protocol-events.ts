/**
 * What the app-server sends by itself: the items of a turn, its notifications, and its requests to the client.
 * Re-exported by `app-server-protocol.ts`, which says where the shapes come from.
 */
import type {
  RequestId,
  ThreadStatus,
  ThreadView,
  Turn,
  TurnError,
  UserInput,
} from './app-server-protocol.ts';

interface ItemTimes {
  readonly id: string;
  readonly startedAtMs?: number | null;
  readonly completedAtMs?: number | null;
}

export interface AgentMessageItem extends ItemTimes {
  readonly type: 'agentMessage';
  readonly text: string;
  readonly phase: 'commentary' | 'partial_answer' | 'final_answer' | null;
  readonly moderation: null;
  readonly memoryCitation: null;
  readonly delivery: null;
  readonly questions: null;
}

export interface ReasoningItem extends ItemTimes {
  readonly type: 'reasoning';
  readonly summary: readonly string[];
  readonly content: readonly string[];
}

export interface CommandExecutionItem extends ItemTimes {
  readonly type: 'commandExecution';
  readonly pluginId: null;
  readonly scriptPath: null;
  readonly command: string;
  readonly cwd: string;
  readonly processId: string | null;
  readonly source: 'agent' | 'userShell' | 'unifiedExecStartup' | 'unifiedExecInteraction';
  readonly status: 'inProgress' | 'completed' | 'failed' | 'declined';
  readonly commandActions: readonly { readonly type: 'unknown'; readonly command: string }[];
  readonly aggregatedOutput: string | null;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
}

export interface ToolCallResult {
  readonly contentItems: readonly { readonly type: 'inputText'; readonly text: string }[];
  readonly success: boolean;
}

export interface DynamicToolCallItem extends ItemTimes {
  readonly type: 'dynamicToolCall';
  readonly namespace: string | null;
  readonly tool: string;
  readonly arguments: unknown;
  readonly status: 'inProgress' | 'completed' | 'failed';
  readonly contentItems: ToolCallResult['contentItems'] | null;
  readonly success: boolean | null;
  readonly durationMs: number | null;
}

/** The items that Throughline knows by name. The real server has more: read `type` before anything else. */
export type ThreadItem =
  | (ItemTimes & {
      readonly type: 'userMessage';
      readonly clientId: null;
      readonly content: readonly UserInput[];
    })
  | AgentMessageItem
  | ReasoningItem
  | CommandExecutionItem
  | DynamicToolCallItem
  | (ItemTimes & { readonly type: 'enteredReviewMode' | 'exitedReviewMode'; readonly review: string })
  | (ItemTimes & { readonly type: 'contextCompaction' });

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
  'turn/started': { readonly threadId: string; readonly turn: Turn };
  'turn/completed': { readonly threadId: string; readonly turn: Turn };
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
  'serverRequest/resolved': { readonly threadId: string; readonly requestId: RequestId };
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
