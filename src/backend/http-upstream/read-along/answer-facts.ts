import type { FinishReason, ToolCall, Usage } from '../../../gateway/turn.ts';
import { asWords, type Members } from '../json-shapes.ts';
import { type CallReader, createCallReader } from './read-calls.ts';
import { errorInWords, type UpstreamError } from './read-error.ts';
import { readFinishReason } from './read-finish-reason.ts';
import { createUsageReader } from './read-usage.ts';

/** What has been read of an answer so far. */
export interface AnswerFacts {
  readonly id: string | null;
  readonly model: string | null;
  readonly usage: Usage | null;
  /** One for each choice that has ended, in the order of their indexes. */
  readonly finishReasons: readonly FinishReason[];
  readonly calls: readonly ToolCall[];
  /** The first error in it. */
  readonly error: UpstreamError | null;
  /** Whether the answer says that it is complete: by a terminal frame or a finish reason. */
  readonly hasEnded: boolean;
}

/** Collects the facts of an answer while it is read. */
export interface FactsBuilder {
  readonly facts: AnswerFacts;
  /** Grows with all that is taken, save an id and a model that are known. */
  readonly news: number;
  readonly calls: CallReader;
  takeHead(members: Members): void;
  takeUsage(value: unknown): void;
  /** Takes the `finish_reason` of a choice; another type of value is ignored. */
  takeEnd(choice: number, said: unknown): void;
  takeError(error: UpstreamError | null): void;
  takeTerminal(): void;
}

/** For ids and model names that a server sends. */
const MAX_NAME_CHARS = 256;
const MAX_CHOICES = 128;

/** A part of a text holds all of it in memory, and ids are remembered long. */
const copyOf = (part: string): string => Buffer.from(part, 'utf16le').toString('utf16le');

export const createFactsBuilder = (): FactsBuilder => {
  const usage = createUsageReader();
  const calls = createCallReader();
  const reasons = new Map<number, FinishReason>();
  let id: string | null = null;
  let model: string | null = null;
  let error: UpstreamError | null = null;
  let hasEnded = false;
  let news = 0;
  const name = (value: unknown): string | null => copyOf(asWords(value).slice(0, MAX_NAME_CHARS)) || null;

  return {
    calls,
    takeHead(members) {
      if (id !== null && model !== null) return;
      const known = [id, model];
      id ??= name(members['id']);
      model ??= name(members['model']);
      if (known[0] !== id || known[1] !== model) news++;
    },
    takeUsage(value) {
      if (usage.take(value)) news++;
    },
    takeEnd(choice, said) {
      const end = readFinishReason(said);
      if (!end) return;
      news++;
      hasEnded = true;
      if ('gaveUp' in end) error ??= errorInWords(null, end.gaveUp);
      else if (reasons.size < MAX_CHOICES) reasons.set(choice, end.reason);
    },
    takeError(told) {
      if (told) news++;
      error ??= told;
    },
    takeTerminal() {
      news++;
      hasEnded = true;
    },
    get news() {
      return news + calls.taken;
    },
    get facts() {
      const finishReasons = [...reasons].sort(([a], [b]) => a - b).map(([, reason]) => reason);
      return { id, model, usage: usage.usage, finishReasons, calls: calls.calls, error, hasEnded };
    },
  };
};
