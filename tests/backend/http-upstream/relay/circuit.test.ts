import { createCircuitBreaker } from '../../../../src/backend/http-upstream/relay/circuit.ts';

const realNow = Date.now;
let nowMs = 1_000_000;

beforeEach(() => {
  // The library reads the clock itself.
  Date.now = () => nowMs;
});
afterEach(() => {
  Date.now = realNow;
});

const start = () => {
  const circuit = createCircuitBreaker(() => nowMs);
  const record = async (...results: (boolean | null)[]): Promise<void> => {
    for (const result of results) await circuit.admit()?.(result);
  };
  return { circuit, record };
};
const FIVE_FAILURES = [false, false, false, false, false];

test('a backend is skipped after five failures in a row', async () => {
  const { circuit, record } = start();
  await record(false, false, false, false, true, false, null, false, false, false);
  expect(circuit.view).toEqual({ state: 'closed', failures: 4, retryInMs: null });
  expect(circuit.admit()).not.toBeNull();
  await record(false);
  expect(circuit.view).toEqual({ state: 'open', failures: 5, retryInMs: 10_000 });
  expect(circuit.admit()).toBeNull();
});

test('after ten seconds one request tries it, and its success lets all others in', async () => {
  const { circuit, record } = start();
  await record(...FIVE_FAILURES);
  nowMs += 9_999;
  expect(circuit.admit()).toBeNull();
  nowMs += 1;
  const probe = circuit.admit();
  expect(circuit.view).toEqual({ state: 'half_open', failures: 5, retryInMs: 0 });
  expect(circuit.admit()).toBeNull();
  await probe?.(true);
  expect(circuit.view).toEqual({ state: 'closed', failures: 0, retryInMs: null });
});

test('each failure of such a request doubles the pause, up to a minute', async () => {
  const { circuit, record } = start();
  await record(...FIVE_FAILURES);
  const pauses: unknown[] = [];
  for (let round = 0; round < 5; round++) {
    pauses.push(circuit.view.retryInMs);
    nowMs += circuit.view.retryInMs ?? 0;
    await record(false);
  }
  expect(pauses).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  nowMs += 60_000;
  await record(true, ...FIVE_FAILURES);
  expect(circuit.view.retryInMs).toBe(10_000);
});

test('a trial whose client left says nothing, and the next request is one', async () => {
  const { circuit, record } = start();
  await record(...FIVE_FAILURES);
  nowMs += 10_000;
  await record(null);
  expect(circuit.view.state).toBe('open');
  await record(true);
  expect(circuit.view.state).toBe('closed');
});

test('results that come late change nothing while the backend is left alone', async () => {
  const { circuit, record } = start();
  const late = [circuit.admit(), circuit.admit()];
  await record(...FIVE_FAILURES);
  await late[0]?.(true);
  await late[1]?.(false);
  expect(circuit.view).toEqual({ state: 'open', failures: 5, retryInMs: 10_000 });
});
