import { createReachabilityNotes } from '../../src/composition/reachability-notes.ts';

const create = (forwardsKey = false) => {
  const said: string[] = [];
  const logger = {
    info: (_: object, msg: string) => void said.push(`info ${msg}`),
    warn: (_: object, msg: string) => void said.push(`warn ${msg}`),
  };
  return { said, tell: createReachabilityNotes({ name: 'next', forwardsKey, logger }) };
};

const DOWN = { up: false, reason: 'The backend "next" cannot be reached (ECONNREFUSED).' };
const UP = { up: true, reason: null };
const answered = (status: number) => ({ up: true, reason: `it answered ${status} to GET /models` });

test('a first answer is no news, and each change after it is told once', () => {
  const { said, tell } = create();
  for (const reachability of [UP, DOWN, DOWN, UP, UP]) tell(reachability);
  expect(said).toEqual([
    'warn the backend next does not answer; it is asked again every few seconds',
    'info the backend next answers',
  ]);
});

test.each([
  [answered(401), '; is its key right?'],
  [answered(404), '; is its URL right? Most end in /v1'],
  [answered(500), ''],
  [{ up: true, reason: 'its answer to GET /models is no list' }, ''],
])('a server that is up without a list of models, %j, is told of once', (reachability, hint) => {
  const { said, tell } = create();
  for (const next of [reachability, reachability, UP]) tell(next);
  expect(said).toEqual([`warn the backend next answers, but does not list its models${hint}`]);
});

test('one that takes the keys of clients may well refuse a question without one', () => {
  const { said, tell } = create(true);
  tell(answered(401));
  expect(said).toEqual([]);
});
