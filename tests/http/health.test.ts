import { type Health, healthReport, readiness } from '../../src/http/health.ts';

const well: Health = {
  version: '1.2.3',
  draining: false,
  backend: { ready: true, restarts: 2 },
  openRequests: 3,
  admission: { running: 2, streams: 1, waiting: 0 },
};

test('a gateway that is well is ready', () => {
  expect(readiness(well)).toEqual({ status: 'ok' });
});

test.each([
  [{ backend: { ready: false, restarts: 2 } }, 'backend_not_ready'],
  [{ draining: true }, 'draining'],
  [{ draining: true, backend: { ready: false, restarts: 2 } }, 'draining'],
])('with %j it is not, and says why in one word', (change, reason) => {
  expect(readiness({ ...well, ...change })).toEqual({ status: 'unavailable', reason });
});

test('people are told more', () => {
  expect(healthReport(well)).toEqual({
    status: 'ok',
    version: '1.2.3',
    backend: { ready: true, restarts: 2 },
    open_requests: 3,
    admission: { running: 2, streams: 1, waiting: 0 },
  });
});
