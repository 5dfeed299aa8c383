import { readFile, writeFile } from 'node:fs/promises';
import { ERRORS } from '../../src/errors.ts';
import { OUTCOMES } from '../../src/telemetry/phases.ts';
import { GIVE_UP_MS } from '../support/give-up.ts';
import { PAGE, renderPage } from './page.ts';
import { produce, type Seen } from './produce.ts';
import type { Remains } from './remains.ts';
import type { Profile } from './row.ts';
import { PARTS } from './table.ts';

/** Gateways that run at a time; more would only wait for the processor. */
const AT_ONCE = 4;
/** Of all rows together. */
const TIMEOUT_MS = 10 * GIVE_UP_MS;

const profiles = PARTS.flatMap((part) => part.profiles);
const rows = profiles.flatMap((profile) => profile.rows);
const seen = new Map(rows.map(({ name }) => [name, Promise.withResolvers<Seen>()]));
const remains = new Map(profiles.map(({ name }) => [name, Promise.withResolvers<Remains>()]));

const resolversOf = (profile: Profile) =>
  new Map(profile.rows.flatMap(({ name }) => [[name, seen.get(name) ?? Promise.withResolvers<Seen>()]]));

/** What fails is told by the test of its row. */
const quietly = (promises: Iterable<{ promise: Promise<unknown> }>): void => {
  for (const { promise } of promises) promise.catch(() => undefined);
};

beforeAll(() => {
  quietly([...seen.values(), ...remains.values()]);
  const waiting = [...profiles];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      await produce(next, resolversOf(next), remains.get(next.name) ?? Promise.withResolvers<Remains>());
    }
  };
  return Promise.all(Array.from({ length: AT_ONCE }, work));
}, TIMEOUT_MS);

test('no two rows have one name', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

describe.each(PARTS)('$title: a request ends', ({ profiles: own }) => {
  test.each(own.flatMap((profile) => profile.rows))('$name', async ({ name, expected }) => {
    const row = await seen.get(name)?.promise;
    expect(row?.exit).toEqual(expected);
    expect(row?.contradictions).toEqual([]);
    expect(row?.turn).not.toBe('left running');
  });

  test.each(own)('and the gateway of "$name" has nothing open behind it', async ({ name, ends }) => {
    const left = await remains.get(name)?.promise;
    if (!ends) expect(left).toEqual({ code: 0, complaints: [], openSpans: [], uneven: [] });
    expect(left?.complaints).toEqual([]);
    expect(left?.uneven).toEqual([]);
  });
});

test('every code of the error table, and every outcome, is among them', async () => {
  const exits = await Promise.all([...seen.values()].map(async ({ promise }) => (await promise).exit));
  const codes = new Set(exits.map(({ code }) => code));
  expect(Object.keys(ERRORS).filter((code) => !codes.has(code))).toEqual([]);
  const outcomes = new Set(exits.map(({ outcome }) => outcome));
  expect(OUTCOMES.filter((outcome) => !outcomes.has(outcome))).toEqual([]);
});

test('docs/exit-paths.md says what was seen; if not, `npm run docs:exits` writes it anew', async () => {
  const rowsSeen = new Map<string, Seen>();
  for (const [name, { promise }] of seen) rowsSeen.set(name, await promise);
  const page = renderPage(PARTS, rowsSeen);
  if (process.env['WRITE_EXIT_PATHS'] === '1') await writeFile(PAGE, page);
  expect(await readFile(PAGE, 'utf8')).toBe(page);
});
