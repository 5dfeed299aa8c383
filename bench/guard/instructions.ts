import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { works } from './tools.ts';

const SCENE = fileURLToPath(new URL('scene.ts', import.meta.url));
/** Enough for V8 to have compiled what is hot. Under callgrind all runs some fifty times slower. */
const STREAMS = 200;
/** With these V8 does the same in each run: it compiles and collects garbage in the one thread, at fixed moments. */
const REPEATABLE = ['--single-threaded', '--predictable', '--random-seed=1', '--hash-seed=1'];

/** The name of the scene, and of its one figure. */
export const INSTRUCTIONS = { scene: 'relay in one thread, stream-64', what: 'instructions' } as const;

/** How many instructions callgrind says that it has counted. */
export const readInstructions = (said: string): number => {
  const [, count] = /^==\d+== Collected : (\d+)/m.exec(said) ?? [];
  if (count === undefined) throw new Error(`callgrind has counted nothing:\n${said.slice(-2_000)}`);
  return Number(count);
};

const count = async (streams: number): Promise<number> => {
  const callgrind = ['--tool=callgrind', '--callgrind-out-file=/dev/null'];
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const { stderr } = await promisify(execFile)(
    'valgrind',
    [...callgrind, process.execPath, ...REPEATABLE, SCENE, String(streams)],
    { env },
  );
  return readInstructions(stderr);
};

/** Instructions for a stream: what twice as many streams need more, so without the start. Null where valgrind is not installed. */
export const countInstructions = async (): Promise<number | null> => {
  if (!works('valgrind', '--version')) return null;
  const [once, twice] = await Promise.all([count(STREAMS), count(2 * STREAMS)]);
  return Math.round((twice - once) / STREAMS);
};
