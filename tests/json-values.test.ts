import fc from 'fast-check';
import { hasMoreValues } from '../src/json-values.ts';
import { noPace } from './support/pace.ts';

/** How many values there are, by looking at each sign. */
const countOf = (json: string): number => {
  const withoutTexts = json.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '');
  return 1 + withoutTexts.replaceAll(/[^,[{]/g, '').length;
};

const isCounted = async (pieces: readonly Uint8Array[], values: number): Promise<boolean> =>
  (await hasMoreValues(pieces, values - 1, noPace)) && !(await hasMoreValues(pieces, values, noPace));

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('\\', '"', ',', '[', '{', 'a', ' '), maxLength: 80 }),
  fc.string({ maxLength: 200 }),
);
const json = fc.oneof(
  fc.json(),
  fc.array(text).map((texts) => JSON.stringify(texts)),
  fc.dictionary(text, text).map((members) => JSON.stringify(members)),
);

test('values are counted outside of texts, wherever the JSON is cut', async () => {
  await fc.assert(
    fc.asyncProperty(json, fc.array(fc.nat(400), { maxLength: 6 }), async (said, cuts) => {
      const bytes = Buffer.from(said);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await isCounted(pieces, countOf(said))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a text that ends with a backslash', JSON.stringify(['a\\', 'b'])],
  ['a long text of escaped quotes', JSON.stringify(['",'.repeat(500), 1])],
  ['a long text of backslashes', JSON.stringify(['\\'.repeat(501), 1])],
])('%s hides no value and adds none', async (_, said) => {
  const bytes = Buffer.from(said);
  for (let at = 0; at <= Math.min(bytes.length, 40); at++)
    expect(await isCounted([bytes.subarray(0, at), bytes.subarray(at)], 3)).toBe(true);
});
