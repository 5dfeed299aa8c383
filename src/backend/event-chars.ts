import type { TurnEvent } from '../gateway/turn.ts';

/** How many characters an event adds to its answer: text, reasoning and arguments of tools. */
export const charsOf = (event: TurnEvent): number => {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return event.delta.length;
    case 'tool_call':
      return event.arguments.length;
    case 'given_up':
    case 'usage':
    case 'done':
    case 'failed':
      return 0;
  }
};
