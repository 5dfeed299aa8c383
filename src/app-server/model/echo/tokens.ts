import type { TokenUsage } from '../../../app-server-protocol/events.ts';
import type { ResponseItem } from '../../../app-server-protocol/index.ts';
import type { ModelRequest } from '../model.ts';
import { lastUserIndex, textOf } from './conversation.ts';

/** The words of a text, each with the space behind it, so that joining them gives the text back. */
export const wordsOf = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? [];

/** One token a word: simple enough to check by hand. */
export const countTokens = (text: string): number => (text.match(/\S+/g) ?? []).length;

const tokensOf = (item: ResponseItem): number => {
  switch (item.type) {
    case 'message':
      return countTokens(textOf(item.content));
    case 'function_call':
      return countTokens(item.arguments);
    case 'function_call_output':
      return countTokens(item.output);
  }
};

const sum = (items: readonly ResponseItem[]) => items.reduce((total, item) => total + tokensOf(item), 0);

/** What a call of the model puts out, counted while it streams. */
export interface OutputCounts {
  readonly text: number;
  readonly reasoning: number;
}

export const usageFrom = (input: number, cached: number, output: number, reasoning: number): TokenUsage => ({
  totalTokens: input + output,
  inputTokens: input,
  cachedInputTokens: cached,
  cacheWriteInputTokens: 0,
  outputTokens: output,
  reasoningOutputTokens: reasoning,
});

/** All that came before the last user message counts as cached; reasoning is a part of the output. */
export const usageOf = ({ instructions, history }: ModelRequest, output: OutputCounts): TokenUsage => {
  const system = countTokens(instructions);
  const cached = system + sum(history.slice(0, lastUserIndex(history)));
  return usageFrom(system + sum(history), cached, output.text + output.reasoning, output.reasoning);
};
