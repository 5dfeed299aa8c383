import { z } from 'zod';
import type { Usage } from '../../../gateway/turn.ts';
import { sumUsage } from '../../usage-sum.ts';

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
export const addUsage = (earlier: Usage | null, later: Usage): Usage =>
  earlier ? sumUsage(earlier, later) : later;
