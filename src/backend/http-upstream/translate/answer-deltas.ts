import { asWords, isMembers, itemsOf, type Members, membersOf } from '../json-shapes.ts';

/** What a chunk, or a whole answer, adds to its texts. */
export interface Deltas {
  readonly text: string;
  readonly reasoning: string;
  /** Of the arguments of calls. */
  readonly callChars: number;
}

const NOTHING: Deltas = { text: '', reasoning: '', callChars: 0 };

/** Content is a text, or a list of parts, of which some may be thoughts. */
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

/** The turn has one answer: what further choices say is none of it. */
const isFirst = (choice: unknown, position: number): boolean =>
  isMembers(choice) && (typeof choice['index'] === 'number' ? choice['index'] : position) === 0;

/** What a server says in a chunk, or in a whole answer, in any of the shapes that servers use. */
export const deltasOf = (value: Members): Deltas => {
  const choice = membersOf(itemsOf(value['choices']).find(isFirst));
  const message = membersOf(choice['delta'] ?? choice['message']);
  if (Object.keys(message).length === 0) return NOTHING;
  const { text, reasoning } = contentOf(message['content']);
  // Two names for what servers do differently, and some send both.
  const thought = asWords(message['reasoning_content']) || asWords(message['reasoning']);
  return {
    // A turn has no refusals: one is what the model says.
    text: text + asWords(message['refusal']),
    reasoning: thought + reasoning,
    callChars: itemsOf(message['tool_calls']).reduce<number>((sum, call) => sum + charsOf(call), 0),
  };
};
