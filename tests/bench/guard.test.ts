import { compare, render } from '../../bench/guard/budget.ts';

const BUDGET = { plain: { stringify: 100, timers: 3, spans: 7 } };

const verdicts = (measured: Record<string, number>) =>
  Object.fromEntries(compare(BUDGET, { plain: measured }).map(({ what, verdict }) => [what, verdict]));

test('a figure within ten percent of its budget is kept', () => {
  expect(verdicts({ stringify: 109, timers: 3, spans: 7 })).toEqual({
    stringify: 'kept',
    timers: 'kept',
    spans: 'kept',
  });
});

test('one that is beyond them is over, and one that is far below is told too', () => {
  expect(verdicts({ stringify: 111, timers: 1, spans: 7 })).toMatchObject({
    stringify: 'over',
    timers: 'under',
  });
});

test('a few that time has a part in may be one more, but not one span', () => {
  expect(verdicts({ stringify: 100, timers: 4, spans: 8 })).toMatchObject({ timers: 'kept', spans: 'over' });
});

test('a figure that only the budget or only the run has is missing', () => {
  expect(verdicts({ stringify: 100, timers: 3, lines: 1 })).toMatchObject({
    spans: 'missing',
    lines: 'missing',
  });
});

test('the table says what is to be done', () => {
  const table = render(compare(BUDGET, { plain: { stringify: 200, timers: 3, spans: 7 } }));
  expect(table).toMatch(/plain +stringify +100 +200 +OVER THE BUDGET/);
});

test('promises of an answer that is handed on in steps depend on how many chunks come together', () => {
  const [name, what] = ['app-server, stream-64', "promises, requests' thread"];
  const verdictOf = (count: number) =>
    compare({ [name]: { [what]: 360 } }, { [name]: { [what]: count } })[0]?.verdict;
  expect([306, 405, 583, 100].map(verdictOf)).toEqual(['kept', 'kept', 'over', 'under']);
});
