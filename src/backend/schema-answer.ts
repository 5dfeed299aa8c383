import type { TurnEvent } from '../gateway/turn.ts';

/**
 * The answer alone, for a client that reads all of its text by a schema: what the model says on the way is no part of it. A message that does
 * not say what it is meant as is the answer when it is the last one, so it waits until that is known; and never before a call, which
 * comes instead of an answer.
 */
export async function* answerAlone(events: AsyncIterable<TurnEvent>): AsyncGenerator<TurnEvent> {
  let held: Extract<TurnEvent, { type: 'text' }>[] = [];
  for await (const event of events) {
    if (event.type === 'text') {
      if (event.phase === 'commentary') continue;
      if (held[0]?.message !== event.message) held = [];
      if (event.phase) yield event;
      else held.push(event);
      continue;
    }
    if (event.type === 'tool_call') held = [];
    if (event.type === 'given_up') held = held.filter(({ message }) => !event.messages.includes(message));
    if (event.type === 'done') yield* held;
    yield event;
  }
}
