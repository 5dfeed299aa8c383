import type { FinishReason } from '../../../gateway/turn.ts';

const KNOWN: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  max_tokens: 'length',
  max_output_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  safety: 'content_filter',
};

/** Finish reasons of an answer that the server gave up. */
const GIVEN_UP = new Set(['error', 'abort', 'aborted', 'insufficient_system_resource']);

/** Reads a `finish_reason`. An unknown word counts as `stop`. Null: the answer has not ended. */
export const readFinishReason = (
  said: unknown,
): { readonly reason: FinishReason } | { readonly gaveUp: string } | null => {
  if (typeof said !== 'string' || said === '') return null;
  const word = said.toLowerCase();
  if (GIVEN_UP.has(word)) return { gaveUp: word };
  return { reason: Object.hasOwn(KNOWN, word) ? (KNOWN[word] ?? 'stop') : 'stop' };
};
