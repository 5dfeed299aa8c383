import type { Capture } from '../../src/telemetry/settings.ts';
import { BACKENDS, type CanaryBackend, embedded } from './backends.ts';
import { http, translated } from './http-backends.ts';
import type { Cell } from './run-cell.ts';

/** `npm run test:canary` runs all of them, `npm test` a few. */
const isWhole = process.env['CANARY_CELLS'] === 'all';

type Setting = Pick<Cell, 'capture' | 'env'>;

const setting = (capture: Capture, env: Cell['env']): Setting => ({ capture, env });
const FULL = setting('full', 'dev');
const METADATA = setting('metadata', 'production');
const OFF = setting('off', 'production');

/** Wrong values meet no backend, so they are sent to the gateway of one alone. */
const cellsOf = (settings: readonly Setting[], backends: readonly CanaryBackend[]) =>
  backends.flatMap((backend) =>
    settings.map(({ capture, env }): readonly [string, Cell] => [
      `${capture} in ${env}, with ${backend.name}`,
      { backend, capture, env, wrongValues: isWhole && backend === embedded },
    ]),
  );

/** For words that stand for content: all captures in both environments. */
export const CONTENT_CELLS = isWhole
  ? cellsOf([FULL, setting('metadata', 'dev'), setting('off', 'dev'), METADATA, OFF], BACKENDS)
  : cellsOf([METADATA], [translated]);

/** For secrets: all captures. */
export const SECRET_CELLS = isWhole ? cellsOf([FULL, METADATA, OFF], BACKENDS) : cellsOf([FULL], [http]);
