import { readFile } from 'node:fs/promises';
import { GOLDEN_CASES, goldenPath, printView } from './golden-views.ts';

describe('what throughline trace prints', () => {
  // After a change that is wanted: node tests/fixtures/write-golden.ts, then read the difference.
  it.each(GOLDEN_CASES)('is kept as golden/%s.%s.txt', async (request, view) => {
    expect(await printView(request, view)).toBe(await readFile(goldenPath(request, view), 'utf8'));
  });
});
