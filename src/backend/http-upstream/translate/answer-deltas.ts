import { asWords, isMembers, itemsOf, type Members, membersOf } from '../json-shapes.ts';

/** The texts that a chunk, or a whole answer, adds. */
export interface Deltas {
  readonly text: string;
  readonly reasoning: string;
  /** The length of the call arguments. */
  readonly callChars: number;
}

const NOTHING: Deltas = { text: '', reasoning: '', callChars: 0 };

/** Content is a text, or a list of parts; some parts may be reasoning. */
const contentOf = (content: unknown): Pick<Deltas, 'text' | 'reasoning'> => {
  if (typeof content === 'string') return { text: content, reasoning: '' };
  const parts = itemsOf(content).map(membersOf);
  const thoughts = parts.flatMap(({ type, thinking }) => (type === 'thinking' ? [thinking] : []));
  return {
    text: parts.map((part) => asWords(part['text'])).join(''),
    reasoning: thoughts.map((thought) => asWords(thought) || contentOf(thought).text).join(''),
  };
};

const charsOf = (call: unknown): number => {
  const { arguments: given } = membersOf(membersOf(call)['function']);
  return typeof given === 'string' ? given.length : 0;
};

/** A turn has one answer: further choices are ignored. */
const isFirst = (choice: unknown, position: number): boolean =>
  isMembers(choice) && (typeof choice['index'] === 'number' ? choice['index'] : position) === 0;

/** Reads the texts of a chunk, or of a whole answer, in any of the shapes that servers use. */
export const deltasOf = (value: Members): Deltas => {
  const choice = membersOf(itemsOf(value['choices']).find(isFirst));
  const message = membersOf(choice['delta'] ?? choice['message']);
  if (Object.keys(message).length === 0) return NOTHING;
  const { text, reasoning } = contentOf(message['content']);
  // Servers use one of two names, and some send both.
  const thought = asWords(message['reasoning_content']) || asWords(message['reasoning']);
  return {
    // A turn has no refusals: a refusal becomes text.
    text: text + asWords(message['refusal']),
    reasoning: thought + reasoning,
    callChars: itemsOf(message['tool_calls']).reduce<number>((sum, call) => sum + charsOf(call), 0),
  };
};
