/** What each scene costs a request, by name. */
export type Costs = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One figure beside what it may be. */
export interface Compared {
  readonly scene: string;
  readonly what: string;
  readonly budget: number | undefined;
  readonly measured: number | undefined;
  readonly verdict: 'kept' | 'over' | 'under' | 'missing';
}

/** How far a figure may be from its budget, as a share of it; and always, for figures of a few that time has a part in. */
const SHARE = 0.1;
const ALWAYS = 1;
/** Chunks that come together are one step, and the load of the machine has a part in how many do. */
const STEPS_SHARE = 0.4;
const isOfSteps = (scene: string, what: string): boolean =>
  scene.startsWith('app-server, stream') && what.startsWith('promises');
/** These are the same in each run. */
const EXACT: ReadonlySet<string> = new Set(['spans', 'mirror lines']);

const verdictOf = (
  scene: string,
  what: string,
  budget: number | undefined,
  measured: number | undefined,
): Compared['verdict'] => {
  if (budget === undefined || measured === undefined) return 'missing';
  const share = isOfSteps(scene, what) ? STEPS_SHARE : SHARE;
  const room = EXACT.has(what) ? 0 : Math.max(budget * share, ALWAYS);
  if (measured > budget + room) return 'over';
  return measured < budget - room ? 'under' : 'kept';
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

const WORDS: Readonly<Record<Compared['verdict'], string>> = {
  kept: 'kept',
  over: 'OVER THE BUDGET',
  under: 'BELOW THE BUDGET: npm run guard -- --write',
  missing: 'MISSING: npm run guard -- --write',
};

const shown = (value: number | undefined): string => (value === undefined ? '-' : String(value));

/** The comparison as a table for a terminal. */
export const render = (compared: readonly Compared[]): string => {
  const rows = compared.map(({ scene, what, budget, measured, verdict }) =>
    [
      scene.padEnd(24),
      what.padEnd(34),
      shown(budget).padStart(12),
      shown(measured).padStart(12),
      WORDS[verdict],
    ].join('  '),
  );
  const head = [
    'scene'.padEnd(24),
    'a request'.padEnd(34),
    'budget'.padStart(12),
    'measured'.padStart(12),
  ].join('  ');
  return [head, ...rows].join('\n');
};
