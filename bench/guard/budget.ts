/** What each scene costs a request, by name. Null: the tool that measures it is not there. */
export type Costs = Readonly<Record<string, Readonly<Record<string, number | null>>>>;

/** One figure beside what it may be. */
export interface Compared {
  readonly scene: string;
  readonly what: string;
  readonly budget: number | null | undefined;
  readonly measured: number | null | undefined;
  readonly verdict: 'kept' | 'over' | 'under' | 'missing' | 'not measured';
}

/** How far a figure may be from its budget, as a share of it; and always, for figures of a few that time has a part in. */
const SHARE = 0.1;
const ALWAYS = 1;
/** Chunks that come together are one step, timers start more often the longer a request takes: the load of the machine has a part in both. */
const LOOSE_SHARE = 0.4;
const isLoose = (scene: string, what: string): boolean =>
  what.startsWith('timers') ||
  (scene.startsWith('app-server') && (what.startsWith('promises') || what.startsWith('allocated')));
/** These are the same in each run. */
const EXACT: ReadonlySet<string> = new Set(['spans', 'mirror lines']);

/** Lines are written in batches, and the end of a stream may come with its last chunk: these are only bounded from above. */
const BOUNDS: ReadonlySet<string> = new Set([
  'writes to the mirror',
  'writes to the client beyond reads from the server',
]);
/** A plain request has one call of each kind, so that a second one must be seen. */
const alwaysOf = (scene: string, what: string): number =>
  scene.endsWith('plain') && /^(?:reads from|writes to) the (?:client|server)/.test(what) ? 0.5 : ALWAYS;

const verdictOf = (
  scene: string,
  what: string,
  budget: Compared['budget'],
  measured: Compared['measured'],
): Compared['verdict'] => {
  if (measured === null) return 'not measured';
  if (budget === undefined || budget === null || measured === undefined) return 'missing';
  const share = isLoose(scene, what) ? LOOSE_SHARE : SHARE;
  const room = EXACT.has(what) ? 0 : Math.max(budget * share, alwaysOf(scene, what));
  if (measured > budget + room) return 'over';
  return measured < budget - room && !BOUNDS.has(what) ? 'under' : 'kept';
};

/**
 * Compares costs with the budget. A figure that is far below its budget is told as well: the budget would no longer see when it comes
 * back. A figure that only one of the two has is missing.
 */
export const compare = (budget: Costs, measured: Costs): Compared[] =>
  [...new Set([...Object.keys(budget), ...Object.keys(measured)])].flatMap((scene) => {
    const [may, is] = [budget[scene] ?? {}, measured[scene] ?? {}];
    return [...new Set([...Object.keys(may), ...Object.keys(is)])].map((what) => ({
      scene,
      what,
      budget: may[what],
      measured: is[what],
      verdict: verdictOf(scene, what, may[what], is[what]),
    }));
  });

/** Whether a comparison is good: what cannot be measured here is no mistake. */
export const isGood = ({ verdict }: Compared): boolean => verdict === 'kept' || verdict === 'not measured';

/** What becomes the budget: figures that could not be measured stay as they were. */
export const renew = (budget: Costs, measured: Costs): Costs =>
  Object.fromEntries(
    Object.entries(measured).map(([scene, costs]) => [
      scene,
      Object.fromEntries(
        Object.entries(costs).map(([what, is]) => [what, is ?? budget[scene]?.[what] ?? null]),
      ),
    ]),
  );

const WORDS: Readonly<Record<Compared['verdict'], string>> = {
  kept: 'kept',
  over: 'OVER THE BUDGET',
  under: 'BELOW THE BUDGET: npm run guard -- --write',
  missing: 'MISSING: npm run guard -- --write',
  'not measured': 'not measured',
};

const shown = (value: number | null | undefined): string => String(value ?? '-');

/** The comparison as a table for a terminal. */
export const render = (compared: readonly Compared[]): string => {
  const rows = compared.map(({ scene, what, budget, measured, verdict }) =>
    [
      scene.padEnd(31),
      what.padEnd(49),
      shown(budget).padStart(12),
      shown(measured).padStart(12),
      WORDS[verdict],
    ].join('  '),
  );
  const head = [
    'scene'.padEnd(31),
    'a request'.padEnd(49),
    'budget'.padStart(12),
    'measured'.padStart(12),
  ].join('  ');
  return [head, ...rows].join('\n');
};
