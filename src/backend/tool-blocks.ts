import type { TraceSpan } from '../gateway/ports.ts';
import type { Item, ToolCall } from '../gateway/turn.ts';
import type { Pace } from '../pace.ts';

/** One step of a tool call. Each call has all three; if the client runs the tool, its result comes with a later request. */
export type ToolBlock = { readonly call_id: string; readonly name: string } & (
  | { readonly step: 'start'; readonly type: string }
  | { readonly step: 'arguments'; readonly arguments: unknown }
  | { readonly step: 'result'; readonly status: string | null; readonly result: unknown }
);

export const recordToolBlock = (span: TraceSpan, block: ToolBlock): void =>
  span.event('tool_block', { payload: block });

/** Records a call that the client is to run. */
export const recordClientCall = (
  span: TraceSpan,
  { callId: call_id, name, arguments: given }: ToolCall,
): void => {
  recordToolBlock(span, { step: 'start', call_id, name, type: 'function' });
  recordToolBlock(span, { step: 'arguments', call_id, name, arguments: given });
};

/** Records a call that is answered at once, without running a tool. */
export const recordAnsweredCall = (span: TraceSpan, call: ToolCall, result: unknown): void => {
  recordClientCall(span, call);
  recordToolBlock(span, { step: 'result', call_id: call.callId, name: call.name, status: null, result });
};

/** Records the tool results at the end of a history: earlier ones came with an earlier request. */
export const recordClientResults = async (
  span: TraceSpan,
  history: readonly Item[],
  pace: Pace,
): Promise<void> => {
  const names = new Map(
    history.flatMap((item) => (item.type === 'tool_call' ? [[item.callId, item.name]] : [])),
  );
  const from = history.findLastIndex(({ type }) => type !== 'tool_result') + 1;
  for (const item of history.slice(from)) {
    if (item.type !== 'tool_result') continue;
    const { callId: call_id, output: result } = item;
    recordToolBlock(span, { step: 'result', call_id, name: names.get(call_id) ?? '', status: null, result });
    await pace.rest();
  }
};
