import type { TurnEvent, TurnEvents } from '../../src/gateway/turn.ts';

/** The events one by one, however many come at once. Whoever leaves early leaves the turn. */
export async function* each(steps: TurnEvents): AsyncGenerator<TurnEvent, void> {
  for await (const step of steps) yield* step;
}

export const allOf = async (steps: TurnEvents): Promise<TurnEvent[]> => {
  const all: TurnEvent[] = [];
  for await (const event of each(steps)) all.push(event);
  return all;
};
