import type { Tell, TurnEvent } from '../gateway/turn.ts';

/**
 * The answer alone, for a client that reads all of its text by a schema: what the model says on the way is no part of it. A message that does
 * not say what it is meant as is the answer when it is the last one, so it waits until that is known; and never before a call, which
 * comes instead of an answer.
 */
export const answerAlone = (next: Tell): Tell => {
  let held: Extract<TurnEvent, { type: 'text' }>[] = [];
  return (event) => {
    if (event.type === 'text') {
      if (event.phase === 'commentary') return;
      if (held[0]?.message !== event.message) held = [];
      if (event.phase) next(event);
      else held.push(event);
      return;
    }
    if (event.type === 'tool_call') held = [];
    if (event.type === 'given_up') held = held.filter(({ message }) => !event.messages.includes(message));
    if (event.type === 'done') held.forEach(next);
    next(event);
  };
};
