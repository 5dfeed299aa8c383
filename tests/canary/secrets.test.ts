import { canarySecrets, createSearch } from '../support/canary-secrets.ts';
import { SECRET_CELLS } from './cells.ts';
import { plantSecrets } from './planted.ts';
import { runCell } from './run-cell.ts';
import { KEY } from './stage.ts';

const CELL_MS = 600_000;

test('there are a hundred secrets, all different', () => {
  const secrets = canarySecrets(100);
  expect(secrets.length).toBeGreaterThanOrEqual(100);
  expect(new Set(secrets.map(({ text }) => text)).size).toBe(secrets.length);
  for (const secret of secrets) {
    const search = createSearch([secret]);
    expect([search(secret.text), search(JSON.stringify(secret.text)), search('')]).toEqual([
      [secret.what],
      [secret.what],
      [],
    ]);
  }
});

/** Secrets that nothing gives away but the configuration. */
const configuredSecrets = (texts: readonly string[]) =>
  [KEY, ...texts].map((text) => ({ what: `the configured ${text}`, text, secret: text }));

describe('a hundred secrets', () => {
  test.each(SECRET_CELLS)(
    'at %s',
    async (_name, cell) => {
      const plant = plantSecrets();
      const sinks = await runCell(cell, plant);
      const findKeys = createSearch(configuredSecrets(cell.backend.secrets));
      const found = Object.entries(sinks).flatMap(([name, bytes]) =>
        [...plant.found(bytes), ...findKeys(bytes)].map((what) => `${what} in ${name}`),
      );
      expect(found).toEqual([]);
      // The texts around them were recorded, so they would have been.
      if (cell.capture === 'full') {
        const unseen = plant.missing(sinks['mirror'] ?? '');
        expect(unseen.filter((place) => /messages|input|prompt|answer$/.test(place))).toEqual([]);
      }
    },
    CELL_MS,
  );
});
