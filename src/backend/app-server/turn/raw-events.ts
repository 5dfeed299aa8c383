import { z } from 'zod';
import type { ToolCall, Usage } from '../../../gateway/turn.ts';
import { tokens, usageOf } from './token-usage.ts';

/** A call under the app-server's name of its tool. */
export type RawCall = ToolCall;

/** What the app-server tells of the model's own events, on a thread with `experimentalRawEvents`. */
export type RawEvent =
  | { readonly type: 'call'; readonly call: RawCall }
  /** The model is told what came of a call. */
  | { readonly type: 'output'; readonly callId: string; readonly output: unknown }
  | { readonly type: 'item' }
  /** The response of the model has ended. */
  | { readonly type: 'completed'; readonly usage: Usage | null };

const functionCall = z.object({
  item: z.object({
    type: z.literal('function_call'),
    name: z.string(),
    // With a namespace it is a tool of an MCP server or the like.
    namespace: z.null().optional(),
    arguments: z.string(),
    call_id: z.string(),
  }),
});

const functionCallOutput = z.object({
  item: z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: z.unknown() }),
});

const completed = z.object({ usage: tokens.nullish().catch(null) });

const readItem = (params: unknown): RawEvent => {
  const call = functionCall.safeParse(params).data?.item;
  if (call)
    return { type: 'call', call: { callId: call.call_id, name: call.name, arguments: call.arguments } };
  const output = functionCallOutput.safeParse(params).data?.item;
  return output ? { type: 'output', callId: output.call_id, output: output.output } : { type: 'item' };
};

/** Null for a notification that is none of the model's own events. */
export const readRawEvent = (method: string, params: unknown): RawEvent | null => {
  switch (method) {
    case 'rawResponseItem/completed':
      return readItem(params);
    case 'rawResponse/completed': {
      const usage = completed.safeParse(params).data?.usage;
      return { type: 'completed', usage: usage ? usageOf(usage) : null };
    }
    default:
      return null;
  }
};
