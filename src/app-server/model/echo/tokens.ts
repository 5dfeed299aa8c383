import type { TokenUsage } from '../../../app-server-protocol/events.ts';
import type { ResponseItem } from '../../../app-server-protocol/index.ts';
import type { ModelRequest } from '../model.ts';
import { lastUserIndex, messageText } from './conversation.ts';

/** The words of a text, each with the space behind it, so that joining them gives the text back. */
export function* wordsOf(text: string): Generator<string> {
  for (const [word] of text.matchAll(/\S+\s*|\s+/g)) yield word;
}

/** Beyond ASCII, as the `\s` of a regular expression has them. */
const SPACES: ReadonlySet<number> = new Set(
  [
    ...'\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff',
  ].map((space) => space.charCodeAt(0)),
);

const isSpace = (code: number): boolean =>
  code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0xa0 && SPACES.has(code));

/** One token a word: simple enough to check by hand. No list of words is made, since the text may be many megabytes. */
export const countTokens = (text: string): number => {
  let count = 0;
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const wasInWord = inWord;
    inWord = !isSpace(text.charCodeAt(at));
    if (inWord && !wasInWord) count++;
  }
  return count;
};

const tokensOf = (item: ResponseItem): number => {
  switch (item.type) {
    case 'message':
      return countTokens(messageText(item.content));
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
export const countedUsage = ({ instructions, history }: ModelRequest, output: OutputCounts): TokenUsage => {
  const system = countTokens(instructions);
  const cached = system + sum(history.slice(0, lastUserIndex(history)));
  return usageFrom(system + sum(history), cached, output.text + output.reasoning, output.reasoning);
};
