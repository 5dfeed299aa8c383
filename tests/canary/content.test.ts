import { CONTENT_CELLS } from './cells.ts';
import { type Plant, plantMarks } from './planted.ts';
import { type Cell, runCell } from './run-cell.ts';
import type { Sinks } from './sinks.ts';

/** A cell takes as long as the real Codex takes for some fifty turns. */
const CELL_MS = 600_000;
const SINKS = 14;

/** What is not recorded anywhere: bodies that are no JSON or of nobody, headers that are on no list, heads that are none. */
const NEVER_SHOWN = [
  'torn JSON',
  'plain text',
  'body without a key',
  'wrong key',
  'cookie',
  'header of no list',
  'referer',
  'path of a broken request',
  'broken header',
  'long header',
  'proxied host',
];

/** Headers that are on no list, files, and comments in a stream. */
const UNSHOWN = /^unshown /;

/** Of an answer that was cut there may be pieces alone, of which none is the whole word. */
const IN_PIECES = /^(?:left|late|cut) answer$/;

/** What must not show content, whatever is captured: it goes to people who have sent none. */
const NOBODYS = ['answers to others', 'health and documentation', 'other files', 'stderr'];

const foundIn = (sinks: Sinks, plant: Plant): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(sinks)
      .map(([name, bytes]): [string, string[]] => [name, plant.found(bytes)])
      .filter(([, places]) => places.length > 0),
  );

/** Without this a cell in which nothing was recorded would pass. */
const expectRecorded = (sinks: Sinks, { capture }: Cell): void => {
  const recorded = capture === 'off' ? ['mirror', 'usage log', 'OTLP traces'] : Object.keys(sinks);
  const empty = recorded.filter((name) => sinks[name] === '' && !NOBODYS.includes(name));
  expect(empty).toEqual([]);
  expect(Object.keys(sinks)).toHaveLength(SINKS);
};

describe('words of requests and answers', () => {
  test.each(CONTENT_CELLS)(
    'at %s',
    async (_name, cell) => {
      const plant = plantMarks();
      const sinks = await runCell(cell, plant);
      expectRecorded(sinks, cell);
      const found = foundIn(sinks, plant);
      if (cell.capture !== 'full') return expect(found).toEqual({});
      for (const name of NOBODYS) expect(found[name] ?? []).toEqual([]);
      const missing = plant.missing(sinks['mirror'] ?? '');
      expect(
        missing.filter(
          (place) => ![cell.backend.neverSays, IN_PIECES, UNSHOWN].some((pattern) => pattern.test(place)),
        ),
      ).toEqual(NEVER_SHOWN);
    },
    CELL_MS,
  );
});
