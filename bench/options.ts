import { parseArgs } from 'node:util';
import type { Pace } from './measure/load-scenes.ts';
import { ROWS, type Row } from './rows.ts';
import { SCENES, type Scene } from './scenes.ts';

const MAX_ROUNDS = 99;
const USUAL: Pace = { rounds: 5, roundMs: 3_000, warmUpMs: 1_500, firstWarmUpMs: 5_000 };
const QUICK: Pace = { rounds: 3, roundMs: 600, warmUpMs: 600, firstWarmUpMs: 1_500 };
export const IDLE_SECONDS = 300;

export interface Options {
  readonly rows: readonly Row[];
  readonly scenes: readonly Scene[];
  readonly pace: Pace;
  readonly quick: boolean;
  /** Whether all is measured that is usually measured: only then RESULTS.md is written. */
  readonly whole: boolean;
}

export type ReadOptions = Options | { readonly help: true } | { readonly problem: string };

const names = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(', ');

export const HELP = `Usage: npm run bench -- [--quick] [--scene NAME] [--row NAME] [--rounds N] [--idle] [--with litellm]

Measures the gateway against servers that do less, and against the gateways of others. Everything runs on loopback; every answer is
checked. Each row is warmed up, then all rows take their rounds in turn. Writes bench/RESULTS.md, prints each target with "met" or what
is missing. Ctrl-C ends all that was started.

  --quick          fewer rows and scenes, ${QUICK.rounds} rounds of ${QUICK.roundMs} ms: some three minutes
  --scene NAME     this scene alone; may be given several times. RESULTS.md stays as it is
  --row NAME       this row alone; may be given several times. RESULTS.md stays as it is
  --rounds N       how many rounds (default ${USUAL.rounds} of ${USUAL.roundMs} ms)
  --idle           adds the scene idle, five minutes of nothing
  --with litellm   adds the row litellm, which is installed from PyPI (needs Python 3.11)

Scenes: ${names(SCENES)}
Rows:   ${names(ROWS)}

Portkey is installed from npm once, into ~/.cache/throughline-bench (THROUGHLINE_BENCH_CACHE), LiteLLM likewise. Needs Linux: processor
time is read from /proc. Exit code: 0 measured, 1 an answer was wrong or something failed, 2 a wrong call.
`;

const FLAGS = {
  quick: { type: 'boolean', default: false },
  scene: { type: 'string', multiple: true, default: [] as string[] },
  row: { type: 'string', multiple: true, default: [] as string[] },
  rounds: { type: 'string' },
  idle: { type: 'boolean', default: false },
  with: { type: 'string', multiple: true, default: [] as string[] },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

class WrongCall extends Error {}

/** Those that are named, in the order of the table; those that `usual` takes where none is. */
const choose = <Named extends { readonly name: string }>(
  flag: string,
  all: readonly Named[],
  named: readonly string[],
  usual: (each: Named) => boolean,
): Named[] => {
  const unknown = named.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) throw new WrongCall(`--${flag} ${unknown}: allowed are ${names(all)}`);
  return all.filter((each) => (named.length > 0 ? named.includes(each.name) : usual(each)));
};

const readRounds = (value: string | undefined, usual: number): number => {
  if (value === undefined) return usual;
  const rounds = Number(value);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new WrongCall(`--rounds ${value}: allowed are 1 to ${MAX_ROUNDS}`);
  return rounds;
};

/** Of a scene, what `--quick` has of it where it was not asked for by name. */
const quickly = (scene: Scene): Scene =>
  typeof scene.quick === 'boolean' ? scene : { ...scene, only: scene.quick };

const read = (args: readonly string[]): Options | { readonly help: true } => {
  const { values } = parseArgs({ args: [...args], options: FLAGS, allowPositionals: false });
  if (values.help) return { help: true };
  const { quick } = values;
  const added = choose(
    'with',
    ROWS.filter(({ usual }) => !usual),
    values.with,
    () => false,
  );
  const isUsual = (each: Row | Scene): boolean => (quick ? each.quick !== false : true) && each.usual;
  const pace = quick ? QUICK : USUAL;
  const whole = values.row.length === 0 && values.scene.length === 0;
  const scenes = choose(
    'scene',
    SCENES,
    values.scene,
    (scene) => isUsual(scene) || (values.idle && scene.kind === 'idle'),
  );
  return {
    rows: choose('row', ROWS, values.row, (row) => isUsual(row) || added.includes(row)),
    scenes: quick && whole ? scenes.map(quickly) : scenes,
    pace: { ...pace, rounds: readRounds(values.rounds, pace.rounds) },
    quick,
    whole,
  };
};

/** Reads the command line; never throws. */
export const readOptions = (args: readonly string[]): ReadOptions => {
  try {
    return read(args);
  } catch (cause) {
    return { problem: cause instanceof Error ? cause.message : String(cause) };
  }
};
