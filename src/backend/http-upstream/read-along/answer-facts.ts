import type { FinishReason, ToolCall, Usage } from '../../../gateway/turn.ts';
import { asWords, type Members } from '../json-shapes.ts';
import { type CallReader, createCallReader } from './read-calls.ts';
import { errorInWords, type UpstreamError } from './read-error.ts';
import { readFinishReason } from './read-finish-reason.ts';
import { createUsageReader } from './read-usage.ts';

/** What an answer has said by now. */
export interface AnswerFacts {
  readonly id: string | null;
  readonly model: string | null;
  readonly usage: Usage | null;
  /** Of each choice that has ended, in the order of their numbers. */
  readonly finishReasons: readonly FinishReason[];
  readonly calls: readonly ToolCall[];
  /** The first thing that went wrong. */
  readonly error: UpstreamError | null;
  /** Whether it has come to an end by its own words: a terminal frame, or a reason why it ended. */
  readonly hasEnded: boolean;
}

/** Where what is read of an answer is put together. */
export interface FactsBuilder {
  readonly facts: AnswerFacts;
  readonly calls: CallReader;
  takeHead(members: Members): void;
  takeUsage(value: unknown): void;
  /** What a choice says of its end. */
  takeEnd(choice: number, said: unknown): void;
  takeError(error: UpstreamError | null): void;
  takeTerminal(): void;
}

/** Of names that servers give. */
const MAX_NAME_CHARS = 256;
const MAX_CHOICES = 128;

export const createFactsBuilder = (): FactsBuilder => {
  const usage = createUsageReader();
  const calls = createCallReader();
  const reasons = new Map<number, FinishReason>();
  let id: string | null = null;
  let model: string | null = null;
  let error: UpstreamError | null = null;
  let hasEnded = false;
  const name = (value: unknown): string | null => asWords(value).slice(0, MAX_NAME_CHARS) || null;

  return {
    calls,
    takeHead(members) {
      id ??= name(members['id']);
      model ??= name(members['model']);
    },
    takeUsage: usage.take,
    takeEnd(choice, said) {
      const end = readFinishReason(said);
      if (!end) return;
      hasEnded = true;
      if ('gaveUp' in end) error ??= errorInWords(null, end.gaveUp);
      else if (reasons.size < MAX_CHOICES) reasons.set(choice, end.reason);
    },
    takeError(told) {
      error ??= told;
    },
    takeTerminal() {
      hasEnded = true;
    },
    get facts() {
      const finishReasons = [...reasons].sort(([a], [b]) => a - b).map(([, reason]) => reason);
      return { id, model, usage: usage.usage, finishReasons, calls: calls.calls, error, hasEnded };
    },
  };
};
