import { createRpcConnection } from '../../../../src/backend/app-server/rpc/connection.ts';
import { createPulse } from '../../../../src/backend/app-server/worker/pulse.ts';
import { createFakeSpan } from '../../../support/fake-span.ts';
import { createFakeTiming } from '../../../support/fake-timing.ts';

const INTERVAL_MS = 1_400;

const watch = () => {
  const timing = createFakeTiming();
  const seen = { heard: 0, asked: 0, answers: true, changes: [] as boolean[], reasons: [] as string[] };
  const pulse = createPulse({
    timing,
    heard: () => seen.heard,
    ask() {
      seen.asked++;
      if (seen.answers) seen.heard++;
    },
    giveUp: (reason) => void seen.reasons.push(reason),
  });
  pulse.start(() => void seen.changes.push(pulse.beats));
  return { timing, seen, pulse };
};

test('a worker that speaks by itself is asked nothing, and one that is idle answers every other time', async () => {
  const { timing, seen, pulse } = watch();
  for (let time = 0; time < 10; time++) {
    seen.heard++;
    await timing.advance(INTERVAL_MS);
  }
  expect([seen.asked, pulse.beats]).toEqual([0, true]);
  await timing.advance(10 * INTERVAL_MS);
  expect([seen.asked, pulse.beats, seen.changes]).toEqual([5, true, []]);
});

test('one that hangs just after it spoke is known within five seconds, and is asked once', async () => {
  const { timing, seen, pulse } = watch();
  seen.answers = false;
  seen.heard++;
  await timing.advance(5_000);
  expect([pulse.beats, seen.asked, seen.changes]).toEqual([false, 1, [false]]);
});

test('one that is heard again counts again, whatever it says', async () => {
  const { timing, seen, pulse } = watch();
  seen.answers = false;
  await timing.advance(5_000);
  seen.heard++;
  await timing.advance(INTERVAL_MS);
  expect([pulse.beats, seen.changes, seen.reasons]).toEqual([true, [false, true], []]);
});

test('one that stays silent is given up, and looked at no more', async () => {
  const { timing, seen } = watch();
  seen.answers = false;
  await timing.advance(60_000);
  expect(seen.reasons).toEqual(['nothing was heard of it for 14000 ms']);
  expect(timing.waits).toEqual([]);
});

test('once stopped it looks no more', async () => {
  const { timing, seen, pulse } = watch();
  pulse.stop();
  pulse.stop();
  pulse.start(() => undefined);
  await timing.advance(60_000);
  expect([timing.waits, seen.asked]).toEqual([[], 0]);
});

test('a sign of life leaves no span, and its answer is nobody’s, be it an error', () => {
  const sent: { id: string; trace: { traceparent: string } }[] = [];
  const told: string[] = [];
  const rpc = createRpcConnection(
    { kind: 'pipe', send: (line) => sent.push(JSON.parse(line)) > 0 },
    {
      openSpan: (name) => {
        told.push(name);
        return createFakeSpan(name);
      },
      onGarbage: (reason) => void told.push(reason),
      takeLine: () => false,
      onNotification: () => undefined,
      onRequest: () => ({ result: {} }),
    },
  );
  rpc.poke();
  const [{ id, trace } = { id: '', trace: { traceparent: '' } }] = sent;
  expect(trace.traceparent).toMatch(/^00-[1-9a-f]{32}-[1-9a-f]{16}-00$/);
  rpc.receive(JSON.stringify({ id, result: { data: [], nextCursor: null } }));
  rpc.receive(JSON.stringify({ id, error: { code: -32600, message: 'unknown variant' } }));
  expect([rpc.heard, told]).toEqual([2, []]);
});
