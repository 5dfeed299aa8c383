import type { DynamicToolCallItem, ToolCallResult } from '../../app-server-protocol/items.ts';
import type { ModelAction } from '../model/model.ts';
import type { ClientAnswer } from '../rpc/envelope.ts';
import { isObject } from '../rpc/params.ts';
import type { Work } from '../telemetry/index.ts';
import { askClient, type ToolContext } from './tool-context.ts';

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
};

/** A client that answers with an error, or with something else, has a tool that failed. */
const readToolResult = (answer: ClientAnswer): ToolCallResult => {
  const result = answer.type === 'result' && isObject(answer.result) ? answer.result : undefined;
  if (!result || !Array.isArray(result.contentItems)) {
    return {
      contentItems: [{ type: 'inputText', text: 'the client could not answer the call' }],
      success: false,
    };
  }
  const contentItems = result.contentItems.flatMap((item: unknown) =>
    isObject(item) && typeof item.text === 'string' ? [{ type: 'inputText' as const, text: item.text }] : [],
  );
  return { contentItems, success: result.success === true };
};

/** The turn was stopped while the client was asked. */
const CANCELLED: ToolCallResult = { contentItems: [], success: false };

/** Has the client run one of its own tools; resolves with what the model is told of it. */
export const callTool = async (
  context: ToolContext,
  call: Extract<ModelAction, { type: 'tool_call' }>,
  work: Work,
): Promise<string> => {
  const { threadId, turnId } = context.turn.info;
  if (!context.thread.settings.tools.some(({ name }) => name === call.name)) {
    work.fail('unsupported_call');
    return `unsupported call: ${call.name}`;
  }
  const startedAtMs = Date.now();
  const item: DynamicToolCallItem = {
    ...{
      type: 'dynamicToolCall',
      id: call.callId,
      namespace: null,
      tool: call.name,
      arguments: parse(call.arguments),
    },
    ...{
      status: 'inProgress',
      contentItems: null,
      success: null,
      durationMs: null,
      startedAtMs,
      completedAtMs: null,
    },
  };
  await context.items.started(item);
  const params = {
    threadId,
    turnId,
    callId: call.callId,
    namespace: null,
    tool: call.name,
    arguments: item.arguments,
  };
  const result = await askClient(context, { method: 'item/tool/call', params }).then(
    readToolResult,
    (cause: unknown) => {
      if (context.turn.stop.signal.aborted) return CANCELLED;
      throw cause;
    },
  );
  if (!result.success && result !== CANCELLED) work.fail('tool_error');
  const completedAtMs = Date.now();
  const status = result.success ? 'completed' : 'failed';
  await context.items.completed({
    ...item,
    ...result,
    status,
    durationMs: completedAtMs - startedAtMs,
    completedAtMs,
  });
  if (result === CANCELLED) return 'dynamic tool call was cancelled before receiving a response';
  return result.contentItems.map(({ text }) => text).join('\n');
};
