import { type ErrorCode, type GatewayError, originOf, type RequestIds } from '../errors.ts';
import type { FinishReason, ResponsesEcho, Turn, Usage } from '../gateway/turn.ts';
import type { ItemStatus, OutputItem } from './responses-items.ts';

/** `ResponseUsage` of the API. */
const toResponseUsage = (usage: Usage) => ({
  input_tokens: usage.input_tokens,
  input_tokens_details: {
    cached_tokens: usage.cached_input_tokens,
    cache_write_tokens: usage.cache_write_input_tokens,
  },
  output_tokens: usage.output_tokens,
  output_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
  total_tokens: usage.total_tokens,
});

/** How a response ended, in the API's words. */
type Ending =
  | { readonly status: 'completed' }
  | { readonly status: 'incomplete'; readonly reason: 'max_output_tokens' | 'content_filter' };

export const toEnding = (finishReason: FinishReason): Ending => {
  switch (finishReason) {
    case 'stop':
    case 'tool_calls':
      return { status: 'completed' };
    case 'length':
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'content_filter':
      return { status: 'incomplete', reason: 'content_filter' };
  }
};

/** The status of the item that the answer ended within. */
export const lastItemStatus = ({ status }: Ending): ItemStatus => status;

/** `ResponseError.code` is a closed list; the API itself adds `context_length_exceeded`, which Codex knows. */
const toErrorCode = (code: ErrorCode) => {
  switch (code) {
    case 'rate_limit_exceeded':
    case 'context_length_exceeded':
      return code;
    default:
      return 'server_error';
  }
};

/** `ResponseError` of the API plus the ids of the request; `type` is the gateway's own code, from the one error table. */
const toResponseError = (error: GatewayError, ids: RequestIds) => ({
  code: toErrorCode(error.code),
  message: error.message,
  type: error.code,
  param: error.param,
  request_id: ids.reqId,
  trace_id: ids.traceId,
  ...originOf(error, ids),
});

/** `Response` of the API, at the moments at which a client sees it. */
export const createResponseShape = (
  { id, created_at }: { readonly id: string; readonly created_at: number },
  turn: Turn,
  echo: ResponsesEcho,
) => {
  const shape = (status: string, output: readonly OutputItem[], more: object = {}) => ({
    id,
    object: 'response',
    created_at,
    status,
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: echo.instructions,
    max_output_tokens: null,
    max_tool_calls: null,
    model: turn.model,
    output,
    parallel_tool_calls: echo.parallelToolCalls,
    previous_response_id: null,
    reasoning: { effort: turn.effort, summary: turn.reasoningSummary },
    access_programs: null,
    store: false,
    temperature: null,
    text: { format: echo.format },
    tool_choice: echo.toolChoice,
    tools: echo.tools,
    top_logprobs: 0,
    top_p: null,
    truncation: 'disabled',
    usage: null,
    metadata: echo.metadata,
    ...echo.settings,
    ...more,
  });
  return {
    begun: () => shape('in_progress', []),
    ended: (ending: Ending, output: readonly OutputItem[], usage: Usage | null, completed_at: number) =>
      shape(ending.status, output, {
        ...(ending.status === 'completed'
          ? { completed_at }
          : { incomplete_details: { reason: ending.reason } }),
        usage: usage && toResponseUsage(usage),
      }),
    failed: (error: GatewayError, ids: RequestIds, output: readonly OutputItem[], usage: Usage | null) =>
      shape('failed', output, {
        error: toResponseError(error, ids),
        usage: usage && toResponseUsage(usage),
      }),
  };
};
