import { GatewayError } from '../../errors.ts';
import type { Item, Part, Turn } from '../../gateway/turn.ts';
import { unsupported } from './parameters.ts';

/** A step of the conversation, with the field of the request that it came from. */
export interface SourcedItem {
  readonly item: Item;
  /** As clients write it: `messages[3].tool_call_id`. */
  readonly param: string;
}

type Message = Extract<Item, { type: 'message' }>;

const isInstruction = (item: Item): item is Message =>
  item.type === 'message' && (item.role === 'system' || item.role === 'developer');

/** What a content says; text alone is its one part. `param` is that of the content. */
export const partsOf = <Sent>(
  content: string | readonly Sent[],
  param: string,
  toPart: (part: Sent, param: string) => Part,
): Part[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content }]
    : content.map((part, index) => toPart(part, `${param}[${index}]`));

/** Of a part that the API has and a turn has not. */
export const otherPartRefused = (param: string): GatewayError =>
  unsupported(param, 'the model is given text and images alone.');

export const textOfParts = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

/**
 * Every result answers a call before it, once, and no call is left without one: models refuse anything else. Between a
 * call and its result nothing is said, save where the API's own clients do so.
 */
export const assertToolPairs = (
  items: readonly SourcedItem[],
  { mayInterrupt = false }: { readonly mayInterrupt?: boolean } = {},
): void => {
  const open = new Map<string, string>();
  for (const { item, param } of items) {
    switch (item.type) {
      case 'tool_call':
        if (open.has(item.callId)) throw unpaired(param, `two tool calls have the id '${item.callId}'`);
        open.set(item.callId, param);
        break;
      case 'tool_result':
        if (!open.delete(item.callId))
          throw unpaired(param, `no tool call before it has the id '${item.callId}'`);
        break;
      case 'message':
        if (!mayInterrupt) assertAnswered(open);
        break;
      case 'reasoning':
        break;
    }
  }
  assertAnswered(open);
};

const assertAnswered = (open: ReadonlyMap<string, string>): void => {
  for (const [callId, param] of open) throw unpaired(param, `the tool call '${callId}' has no result`);
};

const unpaired = (param: string, problem: string): GatewayError =>
  new GatewayError('invalid_value', `'${param}': ${problem}.`, { param });

/** Leading system and developer messages are instructions; a last user message is the input; the rest is history. */
export const splitConversation = (
  items: readonly Item[],
): Pick<Turn, 'instructions' | 'history' | 'input'> => {
  const firstOther = items.findIndex((item) => !isInstruction(item));
  const instructions = items.slice(0, firstOther === -1 ? items.length : firstOther).filter(isInstruction);
  const conversation = firstOther === -1 ? [] : items.slice(firstOther);
  const last = conversation.at(-1);
  const endsWithUser = last?.type === 'message' && last.role === 'user';
  return {
    instructions:
      instructions.length > 0 ? instructions.map(({ parts }) => textOfParts(parts)).join('\n\n') : null,
    history: endsWithUser ? conversation.slice(0, -1) : conversation,
    input: endsWithUser ? last.parts : null,
  };
};
