import { boundPayload, boundText } from '../../src/telemetry/bound.ts';

test('a payload of usual size is handed on as it is', () => {
  const payload = { messages: [{ role: 'user', content: 'hello' }] };
  expect(boundPayload(payload)).toBe(payload);
});

test('a long text keeps its beginning and says how much is not kept', () => {
  const bounded = boundPayload({ role: 'user', content: 'x '.repeat(500) }, 80) as {
    role: string;
    content: string;
  };
  expect(bounded).toEqual({ role: 'user', content: `${'x '.repeat(5)}…[990 characters not kept]` });
});

test('many texts together are bounded too, and the shape stays', () => {
  const payload = Array.from({ length: 100 }, () => ({ text: 'y '.repeat(50) }));
  const bounded = boundPayload(payload, 800) as { text: string }[];
  expect(bounded).toHaveLength(100);
  const kept = bounded.map(({ text }) => text.replaceAll(/[^y]/g, '').length).reduce((a, b) => a + b);
  expect(kept).toBeLessThanOrEqual(800);
  expect(bounded.at(-1)?.text).toBe('…[100 characters not kept]');
});

test('deep nesting and odd values do not hurt', () => {
  const deep = Array.from({ length: 10_000 }).reduce<unknown>((inner) => [inner], 'z');
  expect(() => boundPayload(deep, 10)).not.toThrow();
  expect(boundPayload(null)).toBeNull();
  expect(boundPayload(undefined)).toBeUndefined();
});

test('of many values the first are kept, and the rest is counted', () => {
  const bounded = boundPayload({ list: Array.from({ length: 100 }, (_, index) => index) }, 80, 11);
  expect(bounded).toEqual({ list: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, '[cut: 90 more]'] });
});

test.each([
  ['many', Array.from({ length: 100 }, (_, index) => `k${index}`)],
  ['long', ['k0', 'x'.repeat(1_000), 'y']],
])('of %s names the first are kept, and a mark says that there were more', (_, names) => {
  const bounded = boundPayload(Object.fromEntries(names.map((name) => [name, 1])), 80, 10) as object;
  expect(bounded).toMatchObject({ k0: 1, '[cut: too large]': true });
  expect(Object.keys(bounded).length).toBeLessThanOrEqual(11);
  expect(JSON.stringify(bounded).length).toBeLessThan(200);
});

test('a payload with as many values as it may have is handed on as it is', () => {
  const payload = { list: [1, 2, 3], more: { a: 'b' } };
  expect(boundPayload(payload, 80, 7)).toBe(payload);
  expect(boundPayload(payload, 80, 6)).not.toBe(payload);
});

test('a text is cut between words, so that half a secret does not stay', () => {
  expect(boundText('one two three', 9)).toBe('one two …[5 characters not kept]');
  expect(boundText('x'.repeat(10_000), 80)).toBe(`${'x'.repeat(80)}…[9920 characters not kept]`);
  expect(boundText('short')).toBe('short');
});

test('by default no payload brings the sanitizer more than some tens of kilobytes', () => {
  const payload = {
    texts: Array.from({ length: 1_000 }, () => 'word '.repeat(1_000)),
    values: Array.from({ length: 100_000 }, () => ({})),
    names: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`name${at}`, 1])),
  };
  expect(JSON.stringify(boundPayload(payload)).length).toBeLessThan(128 * 1024);
  expect(JSON.stringify(boundPayload({ names: payload.names })).length).toBeLessThan(64 * 1024);
});
