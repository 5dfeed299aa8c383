import { type ContentEvent, MESSAGE_SEPARATOR, type MessagePhase, type ToolCall } from '../gateway/turn.ts';

/** One part of a whole answer, in the order in which the backend began it. */
export type Output =
  | { readonly type: 'message'; readonly text: string; readonly phase?: MessagePhase }
  | { readonly type: 'reasoning'; readonly text: string }
  | ({ readonly type: 'tool_call' } & ToolCall);

/** Puts an answer together from its deltas. */
export interface AnswerCollector {
  take(event: ContentEvent): void;
  readonly outputs: readonly Output[];
}

type Growing = {
  readonly type: 'message' | 'reasoning';
  readonly deltas: string[];
  readonly phase?: MessagePhase;
};

export const createAnswerCollector = (): AnswerCollector => {
  let outputs: (Growing | Extract<Output, { type: 'tool_call' }>)[] = [];
  const growing = new Map<string, Growing>();

  const grow = (type: Growing['type'], index: number, delta: string, phase?: MessagePhase): void => {
    const key = `${type} ${index}`;
    const known = growing.get(key);
    if (known) return void known.deltas.push(delta);
    const begun: Growing = { type, deltas: [delta], ...(phase && { phase }) };
    growing.set(key, begun);
    outputs.push(begun);
  };

  /** All at once: to look each of them up among the others would take the square of their number. */
  const drop = (keys: readonly string[]): void => {
    const dropped = new Set<unknown>(keys.map((key) => growing.get(key)));
    for (const key of keys) growing.delete(key);
    outputs = outputs.filter((output) => !dropped.has(output));
  };

  return {
    take(event) {
      switch (event.type) {
        case 'text':
          return grow('message', event.message, event.delta, event.phase);
        case 'reasoning':
          return grow('reasoning', event.part, event.delta);
        case 'given_up':
          return drop([
            ...event.messages.map((message) => `message ${message}`),
            ...event.parts.map((part) => `reasoning ${part}`),
          ]);
        case 'tool_call':
          return void outputs.push(event);
      }
    },
    get outputs() {
      return outputs.map((output) => {
        if (output.type === 'tool_call') return output;
        const { deltas, ...rest } = output;
        return { ...rest, text: deltas.join('') };
      });
    },
  };
};

/** The messages of an answer as one text, a blank line between them; null when there are none. */
export const answerText = (outputs: readonly Output[]): string | null => {
  const texts = outputs.flatMap((output) => (output.type === 'message' ? [output.text] : []));
  return texts.length > 0 ? texts.join(MESSAGE_SEPARATOR) : null;
};

export const toolCallsOf = (outputs: readonly Output[]): ToolCall[] =>
  outputs.filter((output) => output.type === 'tool_call');
