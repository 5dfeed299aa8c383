import { type Health, healthReport, readiness, type WorkerHealth } from '../../src/http/health.ts';

const worker: WorkerHealth = {
  state: 'ready',
  restarts: 2,
  activeTurns: 1,
  uptimeMs: 5_000,
  retryInMs: null,
  restartLimitReached: false,
};

const well: Health = {
  version: '1.2.3',
  draining: false,
  backend: { ready: true, starting: false, restarts: 2, workers: [worker] },
  openRequests: 3,
  admission: { running: 2, streams: 1, waiting: 0 },
};

test('a gateway that is well is ready', () => {
  expect(readiness(well)).toEqual({ status: 'ok' });
});

test.each([
  [{ backend: { ready: false, starting: false, restarts: 2, workers: [] } }, 'backend_not_ready'],
  [{ backend: { ready: false, starting: true, restarts: 2, workers: [] } }, 'backend_starting'],
  [{ draining: true }, 'draining'],
  [{ draining: true, backend: { ready: false, starting: true, restarts: 2, workers: [] } }, 'draining'],
])('with %j it is not, and says why in one word', (change, reason) => {
  expect(readiness({ ...well, ...change })).toEqual({ status: 'unavailable', reason });
});

test('people are told more', () => {
  expect(healthReport(well)).toEqual({
    status: 'ok',
    version: '1.2.3',
    backend: {
      ready: true,
      restarts: 2,
      workers: [
        {
          state: 'ready',
          restarts: 2,
          active_turns: 1,
          uptime_ms: 5_000,
          retry_in_ms: null,
          restart_limit_reached: false,
        },
      ],
    },
    open_requests: 3,
    admission: { running: 2, streams: 1, waiting: 0 },
  });
});
