import { z } from 'zod';
import type { Usage } from '../../../gateway/turn.ts';

/** Token counts in the app-server's words. */
export const tokens = z.object({
  totalTokens: z.number(),
  inputTokens: z.number(),
  cachedInputTokens: z.number(),
  /** Older app-servers do not count them. */
  cacheWriteInputTokens: z.number().default(0),
  outputTokens: z.number(),
  reasoningOutputTokens: z.number(),
});

export type Tokens = z.infer<typeof tokens>;

export const usageOf = (counts: Tokens): Usage => ({
  input_tokens: counts.inputTokens,
  cached_input_tokens: counts.cachedInputTokens,
  cache_write_input_tokens: counts.cacheWriteInputTokens,
  output_tokens: counts.outputTokens,
  reasoning_output_tokens: counts.reasoningOutputTokens,
  total_tokens: counts.totalTokens,
});

/** The sum of two; `earlier` is null where there was nothing yet. */
export const addUsage = (earlier: Usage | null, later: Usage): Usage => ({
  input_tokens: (earlier?.input_tokens ?? 0) + later.input_tokens,
  cached_input_tokens: (earlier?.cached_input_tokens ?? 0) + later.cached_input_tokens,
  cache_write_input_tokens: (earlier?.cache_write_input_tokens ?? 0) + later.cache_write_input_tokens,
  output_tokens: (earlier?.output_tokens ?? 0) + later.output_tokens,
  reasoning_output_tokens: (earlier?.reasoning_output_tokens ?? 0) + later.reasoning_output_tokens,
  total_tokens: (earlier?.total_tokens ?? 0) + later.total_tokens,
});
