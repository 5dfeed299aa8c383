import { GatewayError } from '../errors.ts';
import { isLast, type TurnEvent } from '../gateway/turn.ts';
import { charsOf } from './event-chars.ts';

/** How large one answer may be, text, reasoning and arguments of tools together: a whole one waits in memory until it is sent. */
export const MAX_ANSWER_CHARS = 32 * 1024 * 1024;

/** Ends an answer that grows without end; leaving the events early interrupts the turn. */
export async function* boundAnswer(
  events: AsyncIterable<TurnEvent>,
  maxChars = MAX_ANSWER_CHARS,
): AsyncGenerator<TurnEvent> {
  let chars = 0;
  for await (const event of events) {
    chars += charsOf(event);
    if (chars <= maxChars || isLast(event)) {
      yield event;
      continue;
    }
    const error = new GatewayError(
      'answer_too_large',
      `The answer is larger than the gateway allows (${maxChars} characters).`,
    );
    return yield { type: 'failed', error };
  }
}
