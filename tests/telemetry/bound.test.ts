import { boundPayload } from '../../src/telemetry/bound.ts';

test('a payload of usual size is handed on as it is', () => {
  const payload = { messages: [{ role: 'user', content: 'hello' }] };
  expect(boundPayload(payload)).toBe(payload);
});

test('a long text keeps its beginning and says how much is not kept', () => {
  const bounded = boundPayload({ role: 'user', content: 'x'.repeat(1_000) }, 80) as {
    role: string;
    content: string;
  };
  expect(bounded).toEqual({ role: 'user', content: `${'x'.repeat(10)}…[990 characters not kept]` });
});

test('many texts together are bounded too, and the shape stays', () => {
  const payload = Array.from({ length: 100 }, () => ({ text: 'y'.repeat(100) }));
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
