import type { GatewayError } from '../../src/errors.ts';
import { assertCarriable, refuseManyValues } from '../../src/http/json-limits.ts';
import { countingPace, noPace } from '../support/pace.ts';
import { rejectionOf } from '../support/thrown.ts';

const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

test('what clients send passes, whatever is in it', async () => {
  const body = {
    text: 'naïve 🙂 \u0000 \u2028',
    list: [1, null, true, { __proto__: null, a: {} }],
    '🙂': 'key',
  };
  for (const value of [body, null, 'x', 5, [], {}, nested(100)])
    await expect(assertCarriable(value, noPace)).resolves.toBeUndefined();
});

test.each([
  [{ messages: [{ content: 'x\ud800y' }] }, 'messages[0].content'],
  [{ a: { b: '\udc00' } }, 'a.b'],
  [{ a: { 'k\ud800': 1 } }, 'a.k\ufffd'],
])('half of a surrogate pair is refused by its place (%#)', async (body, param) => {
  await expect(assertCarriable(body, noPace)).rejects.toMatchObject({
    code: 'invalid_value',
    status: 400,
    param,
  });
});

test('a body that is nested too deep is refused, and costs no stack', async () => {
  const refusal = (await rejectionOf(assertCarriable({ schema: nested(50_000) }, noPace))) as GatewayError;
  expect(refusal).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('100 levels') });
  expect(refusal.param?.startsWith('schema[0][0]')).toBe(true);
});

test('a long list is walked without a call for each of its values', async () => {
  await expect(
    assertCarriable({ list: Array.from({ length: 500_000 }, () => 1) }, noPace),
  ).resolves.toBeUndefined();
});

test('JSON with more values than the limit is refused before it is parsed, and says the limit', async () => {
  for (const part of ['0', '{}', '[]', '"k":1']) {
    const json = Buffer.from(`[${`${part},`.repeat(50_000)}0]`);
    expect(await refuseManyValues(json, noPace)).toMatchObject({
      code: 'invalid_value',
      message: expect.stringContaining('50000 values'),
    });
  }
  expect(await refuseManyValues(Buffer.from('['.repeat(50_000)), noPace)).toMatchObject({
    code: 'invalid_value',
  });
});

test('what a text holds is no value, and a body of usual size passes', async () => {
  const text = String.raw`\\", [ { \"`.repeat(200_000);
  const bodies = [{ text }, { [text]: [text] }, Array.from({ length: 49_000 }, () => 0), {}, 'x', '', '\\'];
  for (const body of bodies)
    expect(await refuseManyValues(Buffer.from(JSON.stringify(body)), noPace)).toBeNull();
});

test('a large body is looked at over many turns of the event loop', async () => {
  const scanning = countingPace(10);
  expect(await refuseManyValues(Buffer.alloc(16 * 1024 * 1024, 'x'), scanning.pace)).toBeNull();
  expect(scanning.turns()).toBeGreaterThan(20);
  const walking = countingPace(10);
  await assertCarriable({ list: Array.from({ length: 50_000 }, () => 'x') }, walking.pace);
  expect(walking.turns()).toBeGreaterThan(15);
});
