import type { Usage } from '../gateway/turn.ts';
import { type PlainFrame, plainFrame } from './encoder.ts';

/** What every encoder is made with: `newId` gives the random part of an answer's id. */
export interface EncoderDeps {
  readonly newId: () => string;
  readonly nowSeconds: () => number;
}

/** The last frame of a stream of the Chat Completions and the Completions API. */
export const DONE: PlainFrame = plainFrame('[DONE]', null, true);

/** Usage as these two APIs count it: `CompletionUsage`. */
export const toCompletionUsage = (usage: Usage) => ({
  prompt_tokens: usage.input_tokens,
  completion_tokens: usage.output_tokens,
  total_tokens: usage.total_tokens,
  prompt_tokens_details: {
    cached_tokens: usage.cached_input_tokens,
    cache_write_tokens: usage.cache_write_input_tokens,
  },
  completion_tokens_details: { reasoning_tokens: usage.reasoning_output_tokens },
});
