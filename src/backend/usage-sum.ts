import type { Usage } from '../gateway/turn.ts';

/** What two turns have used together. */
export const sumUsage = (one: Usage, other: Usage): Usage => ({
  input_tokens: one.input_tokens + other.input_tokens,
  cached_input_tokens: one.cached_input_tokens + other.cached_input_tokens,
  cache_write_input_tokens: one.cache_write_input_tokens + other.cache_write_input_tokens,
  output_tokens: one.output_tokens + other.output_tokens,
  reasoning_output_tokens: one.reasoning_output_tokens + other.reasoning_output_tokens,
  total_tokens: one.total_tokens + other.total_tokens,
});
