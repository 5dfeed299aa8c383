import { z } from 'zod';
import type { SourcedItem } from './conversation.ts';
import type { InputItem } from './responses-items.ts';

const texts = z
  .array(z.looseObject({ text: z.string() }))
  .nullish()
  .catch(null);

/** The texts of the API's `ResponseReasoningItem`. Encrypted reasoning has none. */
const reasoning = z.looseObject({ type: z.literal('reasoning'), content: texts, summary: texts });

/** The reasoning of an item: its content, or else its summary. Empty if it has neither. */
export const thoughtsOf = (item: InputItem, param: string): SourcedItem[] => {
  const { content, summary } = reasoning.safeParse(item).data ?? {};
  const parts = content?.length ? content : (summary ?? []);
  const text = parts.map((part) => part.text).join('\n\n');
  return text === '' ? [] : [{ item: { type: 'reasoning', text }, param }];
};
