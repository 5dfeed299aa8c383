import { GatewayError } from '../../src/errors.ts';
import { createLeasedBudget } from '../../src/http/body-budget.ts';

const MIB = 1024 * 1024;

/** So many pieces of a MiB, and how many of them are leased. */
const openPieces = (pieces: number) => {
  const state = { leased: 0, asked: 0 };
  const budget = createLeasedBudget({
    async admit() {
      state.asked++;
      await Promise.resolve();
      if (state.leased === pieces) throw new GatewayError('queue_full', 'none left');
      state.leased++;
      return () => void state.leased--;
    },
  });
  return { budget, state };
};

test('small bodies ask for a piece once, and take of it without asking', async () => {
  const { budget, state } = openPieces(4);
  expect(await budget.take(1_000)).toBe(true);
  for (let count = 0; count < 100; count++) expect(budget.take(1_000)).toBe(true);
  expect(state).toEqual({ leased: 1, asked: 1 });
});

test('what is too much is refused, and takes nothing away', async () => {
  const { budget, state } = openPieces(2);
  expect(await budget.take(MIB)).toBe(true);
  expect(await budget.take(2 * MIB)).toBe(false);
  expect(state.leased).toBe(1);
  expect(await budget.take(MIB)).toBe(true);
  expect(await budget.take(1)).toBe(false);
});

test('pieces go back when the bodies are read', async () => {
  const { budget, state } = openPieces(4);
  expect(await budget.take(3 * MIB)).toBe(true);
  expect(state.leased).toBe(3);
  budget.give(2 * MIB);
  expect(state.leased).toBe(1);
  budget.give(MIB);
  expect(state.leased).toBe(0);
});
