import { createRandom } from '../../support/random.ts';

/** What may be done to a gateway while it works. */
export const FAULTS = [
  'kill a worker',
  'collector away',
  'collector back',
  'disk full',
  'disk free',
] as const;
export type Fault = (typeof FAULTS)[number];

/** A fault, and after how many requests it comes: progress decides, not time, so that a slow machine has the same run. */
export type Moment = { readonly at: number; readonly fault: Fault; readonly choice: number };

const KILLS = 9;

/** Times in which something is away: from which part of the requests to which. */
const OUTAGES = [
  { from: 0.1, to: 0.3, away: 'collector away', back: 'collector back' },
  { from: 0.35, to: 0.75, away: 'disk full', back: 'disk free' },
  { from: 0.6, to: 0.85, away: 'collector away', back: 'collector back' },
] as const;

/** When what happens, the same for the same seed. */
export const createSchedule = (seed: number, requests: number): Moment[] => {
  const random = createRandom(seed);
  const near = (part: number): number => Math.round(requests * part) + random.below(Math.ceil(requests / 40));
  const outages = OUTAGES.flatMap(({ from, to, away, back }) => [
    { at: near(from), fault: away, choice: 0 },
    { at: near(to), fault: back, choice: 0 },
  ]);
  const kills = Array.from({ length: KILLS }, () => ({
    at: random.below(requests),
    fault: 'kill a worker' as const,
    choice: random.below(1000),
  }));
  return [...outages, ...kills].sort((a, b) => a.at - b.at);
};
