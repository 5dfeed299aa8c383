/**
 * The part of the app-server's v2 protocol that Throughline speaks: types only, shared by the gateway's client and the
 * embedded server. Taken from `codex app-server generate-ts --experimental` (0.169.0); a test validates what the
 * embedded server sends against the real schema. The wire has one JSON object a line (or a frame), without `jsonrpc`.
 */

import type { ProtocolMessagePhase, ThreadItem, UserInput } from './items.ts';

export type RpcRequestId = string | number;

/** W3C trace context, on requests only: a notification has no place for it. */
export interface TraceCarrier {
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export type RpcResponse =
  | { readonly id: RpcRequestId; readonly result: unknown }
  | { readonly id: RpcRequestId | null; readonly error: RpcError };

export interface ClientInfo {
  readonly name: string;
  readonly title: string | null;
  readonly version: string;
}

export interface InitializeResponse {
  readonly userAgent: string;
  readonly codexHome: string;
  readonly platformFamily: string;
  readonly platformOs: string;
}

export type ApprovalPolicy = 'untrusted' | 'on-request' | 'never';
export type SandboxMode = 'read-only' | 'workspace-write' | 'danger-full-access';

export interface DynamicTool {
  readonly type: 'function';
  readonly name: string;
  readonly description: string;
  readonly inputSchema: unknown;
}

export interface ThreadStartParams {
  readonly model?: string | null;
  readonly cwd?: string | null;
  readonly approvalPolicy?: ApprovalPolicy | null;
  readonly sandbox?: SandboxMode | null;
  /** A profile of permissions, instead of `sandbox`. */
  readonly permissions?: string | null;
  /** Where turns run commands; an empty list: nowhere. */
  readonly environments?: readonly never[] | null;
  readonly baseInstructions?: string | null;
  readonly developerInstructions?: string | null;
  readonly ephemeral?: boolean | null;
  /** Overrides of config.toml, for this thread alone. */
  readonly config?: Readonly<Record<string, unknown>> | null;
  readonly dynamicTools?: readonly DynamicTool[] | null;
  /** Asks for `rawResponseItem/completed` and `rawResponse/completed`. */
  readonly experimentalRawEvents?: boolean;
}

export type ThreadStatus =
  | { readonly type: 'notLoaded' | 'idle' | 'systemError' }
  | {
      readonly type: 'active';
      readonly activeFlags: readonly ('waitingOnApproval' | 'waitingOnUserInput')[];
    };

/** What the gateway reads of a thread; the servers send much more. */
export interface ThreadView {
  readonly id: string;
  readonly ephemeral: boolean;
  readonly status: ThreadStatus;
  readonly turns: readonly ProtocolTurn[];
}

export type ContentItem =
  | { readonly type: 'input_text' | 'output_text'; readonly text: string }
  | { readonly type: 'input_image'; readonly image_url: string };

/** The Responses-API items that `thread/inject_items` takes. */
export type ResponseItem =
  | {
      readonly type: 'message';
      readonly role: string;
      readonly content: readonly ContentItem[];
      readonly phase?: ProtocolMessagePhase;
    }
  | {
      readonly type: 'function_call';
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    }
  | { readonly type: 'function_call_output'; readonly call_id: string; readonly output: string };

export type ReasoningSummary = 'auto' | 'concise' | 'detailed' | 'none';

export interface TurnStartParams {
  readonly threadId: string;
  readonly input: readonly UserInput[];
  readonly model?: string | null;
  readonly effort?: string | null;
  readonly summary?: ReasoningSummary | null;
  readonly outputSchema?: unknown;
}

/** The codes without a payload, in the real server's order. */
export type CodexErrorCode =
  | 'contextWindowExceeded'
  | 'sessionBudgetExceeded'
  | 'usageLimitExceeded'
  | 'rateLimitExceeded'
  | 'flexUnavailable'
  | 'serverOverloaded'
  | 'modelNotFound'
  | 'policyCapacityUnavailable'
  | 'inferenceHookDenied'
  | 'cyberPolicy'
  | 'misalignmentPolicyViolation'
  | 'tooManyDenials'
  | 'internalServerError'
  | 'unauthorized'
  | 'badRequest'
  | 'threadRollbackFailed'
  | 'sandboxError'
  | 'other';

/** The codes that carry the provider's HTTP status, as `{code: {httpStatusCode}}`. */
export type CodexHttpErrorCode =
  | 'httpConnectionFailed'
  | 'responseStreamConnectionFailed'
  | 'responseStreamDisconnected'
  | 'responseTooManyFailedAttempts';

type HttpStatus = { readonly httpStatusCode: number | null };
export type CodexErrorInfo = CodexErrorCode | { readonly [code in CodexHttpErrorCode]?: HttpStatus };

export interface TurnError {
  readonly message: string;
  readonly codexErrorInfo: CodexErrorInfo | null;
  readonly additionalDetails: string | null;
  readonly misalignment: null;
}

export type TurnStatus = 'completed' | 'interrupted' | 'failed' | 'inProgress';

export interface ProtocolTurn {
  readonly id: string;
  readonly rootTurnId: string | null;
  readonly items: readonly ThreadItem[];
  readonly itemsView: 'notLoaded' | 'summary' | 'full';
  readonly status: TurnStatus;
  readonly error: TurnError | null;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  readonly durationMs: number | null;
}
