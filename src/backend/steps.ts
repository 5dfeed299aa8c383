import type { TurnEvent } from '../gateway/turn.ts';
import { charsOf } from './event-chars.ts';

/** How much is handed on in one step, so that no step holds the event loop for long. */
const STEP_EVENTS = 32;
const STEP_CHARS = 64 * 1024;

/** Takes events until they are one step's work; undefined from `next`: there are no more. */
export const takeStep = (next: () => TurnEvent | undefined): TurnEvent[] => {
  const step: TurnEvent[] = [];
  let chars = 0;
  while (step.length < STEP_EVENTS && chars < STEP_CHARS) {
    const event = next();
    if (!event) break;
    chars += charsOf(event);
    step.push(event);
  }
  return step;
};

/** The events in steps. */
export function* stepsOf(events: readonly TurnEvent[]): Generator<readonly TurnEvent[]> {
  let at = 0;
  const next = (): TurnEvent | undefined => events[at++];
  for (let step = takeStep(next); step.length > 0; step = takeStep(next)) yield step;
}
