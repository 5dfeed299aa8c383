import { GatewayError } from '../../../errors.ts';
import { createFifo } from '../../../fifo.ts';
import { isLast, type TurnEvent, type TurnEvents } from '../../../gateway/turn.ts';
import { createPace, type Pace } from '../../../pace.ts';
import { piecesOf } from '../../../pieces.ts';
import { charsOf } from '../../event-chars.ts';
import { createHeldChars, type HeldChars } from '../../held-chars.ts';
import { takeStep } from '../../steps.ts';

/** Between the backend, which does not wait, and the client, which may be slow: bounded, and it says when it is full. */
export interface EventQueue {
  push(event: TurnEvent): void;
  /** For one reader. Ends with the first `done` or `failed`; `onEnd` is called when the reader has that, or has left. */
  read(onEnd?: () => void): TurnEvents;
  /** Lets go of what waits, also where nobody has read: nobody will. Twice is harmless. */
  discard(): void;
}

/** What the queues of all turns share. */
export interface Shared {
  /** The memory that they may take together. */
  readonly held: HeldChars;
  /** Who drains a long queue lets others have the event loop meanwhile. */
  readonly pace: Pace;
}

export const createShared = (): Shared => ({ held: createHeldChars(), pace: createPace() });

interface QueueOptions extends Partial<Shared> {
  /** Called once, when the reader stops before the turn has ended, or the queue had to give up. */
  onAbandoned(): void;
  readonly maxChars?: number;
}

const MAX_CHARS = 8 * 1024 * 1024;
/** What an event takes beside its text: many small ones are as heavy as a long one. */
const EVENT_CHARS = 32;
/** Longer texts are handed on in pieces, so that no frame of an answer is large. */
const PIECE_CHARS = 64 * 1024;

const weightOf = (event: TurnEvent): number => charsOf(event) + EVENT_CHARS;

const tooSlow = (): GatewayError =>
  new GatewayError('backend_overloaded', 'The client reads more slowly than the answer may wait.');

const tooLarge = (maxChars: number): GatewayError =>
  new GatewayError(
    'answer_too_large',
    `A piece of the answer is larger than the gateway allows (${maxChars} characters).`,
  );

const inPieces = (event: TurnEvent): readonly TurnEvent[] => {
  const isText = event.type === 'text' || event.type === 'reasoning';
  if (!isText || event.delta.length <= PIECE_CHARS) return [event];
  return [...piecesOf(event.delta, PIECE_CHARS)].map((delta) => ({ ...event, delta }));
};

/** The room that waiting events take: their own, and that which all queues share. */
const createRoom = (maxChars: number, held: HeldChars) => {
  const shared = held.open();
  let chars = 0;
  return {
    /** Takes the room that an event needs, or says why there is none. The end of a turn needs none. */
    take(event: TurnEvent): GatewayError | null {
      if (isLast(event)) return null;
      const weight = weightOf(event);
      if (weight > maxChars) return tooLarge(maxChars);
      if (chars + weight > maxChars || !shared.take(weight)) return tooSlow();
      chars += weight;
      return null;
    },
    /** Gives back what an event, or a piece of one, has taken. */
    give(event: TurnEvent): void {
      if (isLast(event)) return;
      const weight = Math.min(weightOf(event), chars);
      chars -= weight;
      shared.give(weight);
    },
    close(): void {
      chars = 0;
      shared.close();
    },
  };
};

export const createEventQueue = ({
  onAbandoned,
  maxChars = MAX_CHARS,
  held = createHeldChars(),
  pace = createPace(),
}: QueueOptions): EventQueue => {
  const waiting = createFifo<TurnEvent>();
  const room = createRoom(maxChars, held);
  let closed = false;
  let wake: () => void = () => undefined;

  const push = (event: TurnEvent): void => {
    if (closed) return;
    const error = room.take(event);
    closed = isLast(event) || error !== null;
    for (const piece of error ? [{ type: 'failed', error } as const] : inPieces(event)) waiting.push(piece);
    if (error) onAbandoned();
    wake();
  };

  const discard = (): void => {
    closed = true;
    waiting.clear();
    room.close();
  };

  const next = (): TurnEvent | undefined => {
    const event = waiting.take();
    if (event) room.give(event);
    return event;
  };

  /** The one place on the way of an answer that waits for the backend. */
  async function* read(onEnd: () => void = () => undefined): AsyncGenerator<readonly TurnEvent[]> {
    let ended = false;
    try {
      while (!ended) {
        if (waiting.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const step = takeStep(next);
        ended = step.some(isLast);
        yield step;
        // Not behind the last: who has all of an answer may leave before its end has been noted.
        if (!ended && waiting.length > 0) await pace.rest();
      }
    } finally {
      if (!closed) onAbandoned();
      discard();
      onEnd();
    }
  }

  return { push, read, discard };
};
