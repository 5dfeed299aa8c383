import { createWholeTraces } from '../../src/telemetry/mirror/whole-traces.ts';

const SERVER = 2;
const INTERNAL = 1;
const open = () => {
  let nowMs = 0;
  const traces = createWholeTraces(() => nowMs);
  const add = (traceId: string, spanId: string, parentSpanId: string, kind = INTERNAL): void =>
    traces.add({ traceId, spanId, parentSpanId, kind });
  const giveUp = new AbortController();
  const wait = (traceId: string): Promise<string> =>
    traces.settled(traceId, giveUp.signal).then(
      () => 'settled',
      (reason: unknown) => String(reason),
    );
  return { traces, add, wait, giveUp: () => giveUp.abort('given up'), pass: (ms: number) => (nowMs += ms) };
};

test('nobody waits where the trace has come and each span has its parent, in whichever order', async () => {
  const { add, wait } = open();
  add('t', 'server', 'ours', SERVER);
  add('t', 'leaf', 'middle');
  add('t', 'middle', 'server');
  expect(await wait('t')).toBe('settled');
});

test('a trace of which nothing has come is waited for, and so is a parent of any late trace', async () => {
  const { traces, add, wait } = open();
  add('t', 'leaf', 'late');
  const waiting = wait('end');
  let isSettled = false;
  void waiting.then(() => (isSettled = true));
  for (const come of [() => add('end', 'server', 'ours', SERVER), () => add('t', 'other', 'late')]) {
    come();
    traces.exported();
    await Promise.resolve();
    expect(isSettled).toBe(false);
  }
  add('t', 'late', 'ours', SERVER);
  traces.exported();
  expect(await waiting).toBe('settled');
});

test('a parent that has not come for a while was lost: nobody waits for it', async () => {
  const { add, wait, pass } = open();
  add('t', 'leaf', 'lost');
  pass(5_001);
  add('end', 'server', 'ours', SERVER);
  expect(await wait('end')).toBe('settled');
});

test('whoever waits gives up with the signal', async () => {
  const { wait, giveUp } = open();
  const waiting = wait('t');
  giveUp();
  expect(await waiting).toBe('given up');
  expect(await wait('t')).toBe('given up');
});
