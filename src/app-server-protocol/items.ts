/** What a turn is made of: what goes in, and the items that come out. `index.ts` says where the shapes come from. */

/** What a message of the model's is meant as; `item/started` tells it already. */
export type ProtocolMessagePhase = 'commentary' | 'partial_answer' | 'final_answer';

export type UserInput =
  | { readonly type: 'text'; readonly text: string; readonly text_elements: readonly unknown[] }
  | { readonly type: 'image'; readonly url: string };

interface ItemTimes {
  readonly id: string;
  readonly startedAtMs?: number | null;
  readonly completedAtMs?: number | null;
}

export interface AgentMessageItem extends ItemTimes {
  readonly type: 'agentMessage';
  readonly text: string;
  readonly phase: ProtocolMessagePhase | null;
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
