import { GatewayError } from '../../../errors.ts';
import { isLast, type TurnEvent } from '../../../gateway/turn.ts';
import { charsOf } from '../../event-chars.ts';

/** Between the backend, which does not wait, and the client, which may be slow: bounded, and it says when it is full. */
export interface EventQueue {
  push(event: TurnEvent): void;
  /** Ends with the first `done` or `failed`. */
  readonly events: AsyncIterable<TurnEvent>;
}

interface QueueOptions {
  /** Called once, when the reader stops before the turn has ended, or the queue had to give up. */
  onAbandoned(): void;
  readonly maxChars?: number;
}

const MAX_CHARS = 8 * 1024 * 1024;
/** What an event takes beside its text: many small ones are as heavy as a long one. */
const EVENT_CHARS = 32;

const weightOf = (event: TurnEvent): number => charsOf(event) + EVENT_CHARS;

export const createEventQueue = ({ onAbandoned, maxChars = MAX_CHARS }: QueueOptions): EventQueue => {
  const waiting: TurnEvent[] = [];
  let chars = 0;
  let closed = false;
  let wake: () => void = () => undefined;

  const overflow = (): void => {
    const error = new GatewayError(
      'backend_overloaded',
      'The client reads more slowly than the answer may wait.',
    );
    waiting.push({ type: 'failed', error });
    onAbandoned();
  };

  const push = (event: TurnEvent): void => {
    if (closed) return;
    chars += weightOf(event);
    // One that is too large by itself still goes, since it waits for nobody, and the end always does.
    const isFull = chars > maxChars && waiting.length > 0 && !isLast(event);
    closed = isLast(event) || isFull;
    if (isFull) overflow();
    else waiting.push(event);
    wake();
  };

  async function* read(): AsyncGenerator<TurnEvent> {
    let ended = false;
    try {
      while (!ended) {
        const event = waiting.shift();
        if (!event) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        chars -= weightOf(event);
        ended = isLast(event);
        yield event;
      }
    } finally {
      if (!closed) onAbandoned();
      closed = true;
      waiting.length = 0;
    }
  }

  return { push, events: { [Symbol.asyncIterator]: read } };
};
