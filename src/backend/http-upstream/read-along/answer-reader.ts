import type { Api } from '../../../gateway/relay.ts';
import { asWords, isMembers, type Members } from '../json-shapes.ts';
import { type AnswerFacts, createFactsBuilder } from './answer-facts.ts';
import type { ParsedData } from './parse-data.ts';
import { isUsageAlone, readChoices } from './read-choices.ts';
import { readError } from './read-error.ts';
import { readResponse, readResponseEvent } from './read-response.ts';

/** What one event of a stream holds. */
export interface EventReading {
  /** Whether it holds a part of a text, of reasoning, of a refusal or of a call. */
  readonly hasToken: boolean;
  /** Whether it is the API's last frame. */
  readonly terminal: boolean;
  /** Whether it holds usage and nothing else. */
  readonly isUsageAlone: boolean;
}

/** Reads an answer in the shape of its API. Ignores values of the wrong type. */
export interface AnswerReader {
  /** Reads one event of a stream. `hasText`: whether its delta has a text. */
  event(name: string | null, data: ParsedData, hasText: boolean): EventReading;
  /** Reads a whole answer. `isError`: whether its status is an error. */
  whole(data: ParsedData, isError: boolean): void;
  readonly facts: AnswerFacts;
  /** Grows with each event that tells a fact, known or not: one that leaves it as it is would do so again. */
  readonly news: number;
}

const NOTHING: EventReading = { hasToken: false, terminal: false, isUsageAlone: false };

export const createAnswerReader = (api: Api): AnswerReader => {
  const builder = createFactsBuilder();
  let hasTerminal = false;

  const ending = (): EventReading => {
    const terminal = !hasTerminal;
    hasTerminal = true;
    builder.takeTerminal();
    return { ...NOTHING, terminal };
  };

  const members = (type: string, value: Members, hasText: boolean): EventReading => {
    if (api === 'responses') {
      const { terminal, beginsItem } = readResponseEvent(builder, type, value);
      const isToken = beginsItem || (hasText && type.endsWith('.delta'));
      return { ...(terminal ? ending() : NOTHING), hasToken: isToken };
    }
    const hasCall = readChoices(builder, value);
    return { ...NOTHING, hasToken: hasText || hasCall, isUsageAlone: isUsageAlone(value) };
  };

  return {
    event(name, data, hasText) {
      if (data.type === 'done') return ending();
      if (data.type === 'unread') return NOTHING;
      const value = data.type === 'json' ? data.value : data.text;
      const type = (isMembers(value) && asWords(value['type'])) || (name ?? '');
      const isFailure = type === 'error' || name === 'error';
      // The `response` member of a failed response holds the error.
      if (isFailure || api !== 'responses' || !type.startsWith('response.')) {
        builder.takeError(data.type === 'json' || isFailure ? readError(value, isFailure) : null);
      }
      return isMembers(value) ? members(type, value, hasText) : NOTHING;
    },
    whole(data, isError) {
      if (data.type === 'unread') return;
      const value = data.type === 'json' ? data.value : data.type === 'text' ? data.text : '';
      builder.takeError(readError(value, isError));
      if (isError || !isMembers(value)) return;
      if (api === 'responses') readResponse(builder, value);
      else readChoices(builder, value);
    },
    get facts() {
      return builder.facts;
    },
    get news() {
      return builder.news;
    },
  };
};
