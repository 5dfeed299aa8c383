import { openShared, settleAll } from './shared-support.ts';

test('a request that finds a place of an earlier one asks nobody', async () => {
  const shared = openShared();
  const only = shared.start();
  const first = only.ask();
  await shared.deliverAll(only);
  first.release();
  const before = shared.messages;
  for (let count = 0; count < 100; count++) {
    const next = only.ask();
    await settleAll();
    expect(next.state).toBe('running');
    next.release();
  }
  expect(shared.messages).toBe(before);
});

test('nobody waits or is refused while another process keeps places that it does not use', async () => {
  const shared = openShared({ queueMax: 0 });
  const [one, other] = [shared.start(), shared.start()];
  const used = [one.ask(), one.ask(), one.ask(), one.ask()];
  await shared.deliverAll(one, other);
  for (const asked of used) asked.release();
  const wanted = [other.ask(), other.ask(), other.ask(), other.ask()];
  const tooMany = other.ask();
  await shared.deliverAll(one, other);
  expect(wanted.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running']);
  expect(tooMany).toMatchObject({ state: 'refused', code: 'queue_full' });
});

test('who waits in one process gets the place that another gives back', async () => {
  const shared = openShared({ maxConcurrency: 1 });
  const [one, other] = [shared.start(), shared.start()];
  const first = one.ask();
  await shared.deliverAll(one, other);
  const waits = other.ask();
  await shared.deliverAll(one, other);
  expect(waits.state).toBe('waiting');
  first.release();
  await shared.deliverAll(one, other);
  expect(waits.state).toBe('running');
});

test('a key has its share over all processes', async () => {
  const shared = openShared({ maxPerKey: 2 });
  const [one, other] = [shared.start(), shared.start()];
  const asked = [one.ask(false, 'a'), other.ask(false, 'a'), other.ask(false, 'a'), other.ask(false, 'b')];
  await shared.deliverAll(one, other);
  expect(asked.map(({ state }) => state).sort()).toEqual(['refused', 'running', 'running', 'running']);
  expect(asked.find(({ state }) => state === 'refused')?.code).toBe('key_concurrency_exceeded');
});

test('a process that ends gives its places back', async () => {
  const shared = openShared({ maxConcurrency: 2 });
  const [one, other] = [shared.start(), shared.start()];
  one.ask();
  one.ask();
  await shared.deliverAll(one, other);
  const waits = other.ask();
  await shared.deliverAll(one, other);
  one.end();
  await shared.deliverAll(one, other);
  expect(waits.state).toBe('running');
});

test('a process that does not answer keeps the others waiting for a quarter of a second at most', async () => {
  const shared = openShared({ maxConcurrency: 1, queueMax: 0 });
  const [hanging, other] = [shared.start(), shared.start()];
  hanging.ask();
  await shared.deliverAll(hanging);
  const asked = other.ask();
  await shared.deliverAll(other);
  expect(asked.state).toBe('waiting');
  shared.timers.advance(250);
  await shared.deliverAll(other);
  expect(asked).toMatchObject({ state: 'refused', code: 'queue_full' });
});

test('a second after the last one was short of a place, idle places are kept again', async () => {
  const shared = openShared({ maxConcurrency: 1 });
  const [one, other] = [shared.start(), shared.start()];
  const first = one.ask();
  await shared.deliverAll(one, other);
  const second = other.ask();
  await shared.deliverAll(one, other);
  first.release();
  await shared.deliverAll(one, other);
  second.release();
  await shared.deliverAll(one, other);
  shared.timers.advance(2_000);
  await shared.deliverAll(one, other);
  const third = other.ask();
  await shared.deliverAll(one, other);
  third.release();
  const before = shared.messages;
  other.ask();
  await settleAll();
  expect(shared.messages).toBe(before);
});
