import { isMembers, itemsOf, type Members } from './json-shapes.ts';

/** A piece of a text, and where in its event it stands. */
export interface TextSlot {
  /** Which text the piece continues. */
  readonly of: string;
  readonly text: string;
  /** Puts another text in its place. */
  replace(text: string): void;
}

/** Members of a delta that name things: no text is made of them. */
const NAMES = new Set(
  'role type id call_id name object status format index finish_reason stop_reason item_id obfuscation'.split(
    ' ',
  ),
);
/** How deep texts stand in a delta. */
const MAX_DEPTH = 8;

const slotIn = (holder: Record<string | number, unknown>, key: string | number, of: string): TextSlot[] => {
  const text = holder[key];
  if (typeof text !== 'string' || text === '') return [];
  return [
    {
      of,
      text,
      replace(shown) {
        holder[key] = shown;
      },
    },
  ];
};

const inList = (list: unknown[], of: string, depth: number): TextSlot[] =>
  list.flatMap((item, position) => {
    if (typeof item === 'string') return slotIn(list as unknown as Members, position, `${of}.${position}`);
    const number = isMembers(item) && typeof item['index'] === 'number' ? item['index'] : position;
    return slotsIn(item, `${of}.${number}`, depth);
  });

/** All texts in a delta, whatever a server calls them: what is not known to be a name is a text. */
const slotsIn = (value: unknown, of: string, depth = 0): TextSlot[] => {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return inList(value, of, depth + 1);
  if (!isMembers(value)) return [];
  return Object.keys(value).flatMap((key) => {
    if (NAMES.has(key)) return [];
    const below = `${of}.${key}`;
    return typeof value[key] === 'string' ? slotIn(value, key, below) : slotsIn(value[key], below, depth + 1);
  });
};

const inChoice = (choice: unknown, position: number): TextSlot[] => {
  if (!isMembers(choice)) return [];
  const of = `choices.${typeof choice['index'] === 'number' ? choice['index'] : position}`;
  return [
    ...slotIn(choice, 'text', `${of}.text`),
    ...slotsIn(choice['delta'], `${of}.delta`),
    ...slotsIn(choice['message'], `${of}.message`),
  ];
};

/** The text that a delta of an event continues, by all that its place is told with. */
const placeOf = (event: Members): string =>
  ['type', 'item_id', 'output_index', 'content_index', 'summary_index', 'index']
    .map((name) => String(event[name] ?? ''))
    .join(' ');

/** The pieces of text in one event of a stream, in the shapes of all APIs. */
export const textSlotsOf = (event: Members): readonly TextSlot[] => [
  ...itemsOf(event['choices']).flatMap(inChoice),
  ...(typeof event['delta'] === 'string'
    ? slotIn(event, 'delta', placeOf(event))
    : slotsIn(event['delta'], placeOf(event))),
];

/** How deep log probabilities stand in an answer. */
const MAX_LOGPROBS_DEPTH = 6;

/** Takes the log probabilities out: they repeat the text token by token, where no secret is known as one. */
export const hideLogprobs = (value: unknown, depth = 0): void => {
  if (depth > MAX_LOGPROBS_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) hideLogprobs(item, depth + 1);
    return;
  }
  if (!isMembers(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key !== 'logprobs') hideLogprobs(inner, depth + 1);
    else if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0)
      value[key] = '[not shown]';
  }
};
