import type { TurnEvent } from '../gateway/turn.ts';

/** What an event takes beside its text: an answer in many small pieces is as heavy as a long one. */
const EVENT_CHARS = 32;

/** How much memory an event takes while it is kept, in characters. */
export const charsOf = (event: TurnEvent): number => {
  switch (event.type) {
    case 'text':
    case 'reasoning':
      return event.delta.length + EVENT_CHARS;
    case 'tool_call':
      return event.arguments.length + EVENT_CHARS;
    case 'given_up':
    case 'usage':
    case 'done':
    case 'failed':
      return EVENT_CHARS;
  }
};
