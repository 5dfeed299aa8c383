import { GatewayError } from '../errors.ts';
import { isLast, type TurnEvent } from '../gateway/turn.ts';
import { charsOf } from './event-chars.ts';
import type { HeldChars } from './held-chars.ts';

/**
 * How large one answer may be, text, reasoning and arguments of tools together: some four million tokens. A whole one waits in memory until
 * it is sent, and becomes one JSON text in one step.
 */
export const MAX_ANSWER_CHARS = 16 * 1024 * 1024;

const tooLarge = (maxChars: number): GatewayError =>
  new GatewayError(
    'answer_too_large',
    `The answer is larger than the gateway allows (${maxChars} characters).`,
  );

const noRoom = (): GatewayError =>
  new GatewayError('backend_overloaded', 'The answers that are under way take all the memory that they may.');

/** Counts what an answer comes to. */
export interface AnswerBound {
  /** Why the answer must end before this event; null where it need not. */
  take(event: TurnEvent): GatewayError | null;
  /** Gives back what the answer holds. */
  close(): void;
}

/**
 * Ends an answer that grows without end; leaving the events early interrupts the turn.
 *
 * @param held - what answers whose texts wait until the end share; null for one whose texts do not
 */
export const createAnswerBound = (held: HeldChars | null, maxChars = MAX_ANSWER_CHARS): AnswerBound => {
  const room = held?.open();
  let chars = 0;
  return {
    take(event) {
      if (isLast(event)) return null;
      const more = charsOf(event);
      chars += more;
      if (chars > maxChars) return tooLarge(maxChars);
      return room?.take(more) === false ? noRoom() : null;
    },
    close: () => room?.close(),
  };
};
