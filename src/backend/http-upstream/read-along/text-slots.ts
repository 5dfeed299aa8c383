import { isMembers, itemsOf, type Members } from '../json-shapes.ts';

/** A piece of a text, and its place in the event. */
export interface TextSlot {
  /** The key of the text that the piece continues. */
  readonly of: string;
  readonly text: string;
  /** Replaces the piece in the event. */
  replace(shown: unknown): void;
}

/** Members of a delta that are no text, or repeat it. */
const NAMES = new Set(
  (
    'role type id call_id name object status format index finish_reason stop_reason native_finish_reason matched_stop item_id ' +
    'obfuscation logprobs content_filter_results error'
  ).split(' '),
);
/** Members that hold the text of an event at servers with an API of their own. */
const TEXTS_OF_EVENT = 'content response text completion generated_text reasoning thinking'.split(' ');
/** How deep texts are looked for in a delta. */
const MAX_DEPTH = 8;

type Holder = Record<string | number, unknown>;

const slotIn = (slots: TextSlot[], holder: Holder, key: string | number, of: string): void => {
  const text = holder[key];
  if (typeof text !== 'string' || text === '') return;
  slots.push({
    of,
    text,
    replace(shown) {
      holder[key] = shown;
    },
  });
};

const numberOf = (item: unknown, position: number): number =>
  isMembers(item) && typeof item['index'] === 'number' ? item['index'] : position;

/** Collects all texts in a delta: any string whose key is not in `NAMES`. */
const slotsIn = (slots: TextSlot[], value: unknown, of: string, depth = 0): void => {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) {
      if (typeof item === 'string') slotIn(slots, value as unknown as Holder, position, `${of}.${position}`);
      else slotsIn(slots, item, `${of}.${numberOf(item, position)}`, depth + 1);
    }
    return;
  }
  const members = value as Members;
  for (const key of Object.keys(members)) {
    if (NAMES.has(key)) continue;
    const inner = members[key];
    if (typeof inner === 'string') slotIn(slots, members, key, `${of}.${key}`);
    else slotsIn(slots, inner, `${of}.${key}`, depth + 1);
  }
};

/** The key of the text that a delta of the Responses API continues. */
const placeOf = (event: Members): string =>
  ['type', 'item_id', 'output_index', 'content_index', 'summary_index', 'index']
    .map((name) => String(event[name] ?? ''))
    .join(' ');

/** The pieces of text in one event of a stream, in the shapes of all APIs. */
export const textSlotsOf = (event: Members): readonly TextSlot[] => {
  const slots: TextSlot[] = [];
  for (const [position, choice] of itemsOf(event['choices']).entries()) {
    if (!isMembers(choice)) continue;
    const of = `choices.${numberOf(choice, position)}`;
    slotsIn(slots, choice, of);
  }
  if (event['type'] === undefined) for (const key of TEXTS_OF_EVENT) slotIn(slots, event as Holder, key, key);
  if (typeof event['delta'] === 'string') slotIn(slots, event, 'delta', placeOf(event));
  else if (event['delta']) slotsIn(slots, event['delta'], placeOf(event));
  return slots;
};

/** How deep log probabilities are looked for. */
const MAX_LOGPROBS_DEPTH = 6;

/** Removes log probabilities: they repeat the text token by token, so that a secret in it cannot be found. */
export const hideLogprobs = (value: unknown, depth = 0): void => {
  if (depth > MAX_LOGPROBS_DEPTH || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) hideLogprobs(item, depth + 1);
    return;
  }
  const members = value as Members;
  for (const key of Object.keys(members)) {
    const inner = members[key];
    if (typeof inner !== 'object' || inner === null) continue;
    if (key !== 'logprobs') hideLogprobs(inner, depth + 1);
    else if (Object.keys(inner).length > 0) members[key] = '[not shown]';
  }
};
