import {
  type AppServerHealth,
  type BackendHealth,
  type Health,
  healthReport,
  readiness,
} from '../../src/http/health.ts';

const appServer: AppServerHealth = {
  ready: true,
  starting: false,
  restarts: 2,
  workers: [
    {
      state: 'ready',
      restarts: 2,
      activeTurns: 1,
      uptimeMs: 5_000,
      retryInMs: null,
      restartLimitReached: false,
    },
  ],
};

const backend = (name: string, change: Partial<BackendHealth> = {}): BackendHealth => ({
  name,
  kind: 'http',
  ready: true,
  starting: false,
  reason: null,
  circuit: { state: 'closed', failures: 0, retryInMs: null },
  ...change,
});
const codex = (change: Partial<BackendHealth> = {}): BackendHealth =>
  backend('codex', { kind: 'app-server', circuit: null, ...change });

const well: Health = {
  version: '1.2.3',
  draining: false,
  backend: appServer,
  backends: [codex()],
  openRequests: 3,
  admission: { running: 2, streams: 1, waiting: 0 },
};

const unready = { ready: false };
const starting = { ready: false, starting: true };

test('a gateway that is well is ready', () => {
  expect(readiness(well)).toEqual({ status: 'ok' });
});

test.each([
  [[codex(unready)], false, 'backend_not_ready'],
  [[codex(starting)], false, 'backend_starting'],
  [[codex()], true, 'draining'],
  [[codex(starting)], true, 'draining'],
])(
  'with the one backend %j, draining %s, it is not, and says why in one word',
  (backends, draining, reason) => {
    expect(readiness({ ...well, backends, draining })).toEqual({ status: 'unavailable', reason });
  },
);

test('one of several backends that is ready is enough, and those that are missing are named', () => {
  const backends = [codex(), backend('next', unready), backend('other', starting)];
  expect(readiness({ ...well, backends })).toEqual({ status: 'ok', missing: ['next', 'other'] });
});

test.each([
  [[codex(unready), backend('next', starting)], 'backend_starting'],
  [[codex(unready), backend('next', unready)], 'backend_not_ready'],
])('where none of several is ready all are named', (backends, reason) => {
  expect(readiness({ ...well, backends })).toEqual({
    status: 'unavailable',
    reason,
    missing: ['codex', 'next'],
  });
});

test('people are told more', () => {
  const circuit = { state: 'open', failures: 5, retryInMs: 9_000 } as const;
  const backends = [codex(), backend('next'), backend('down', { ready: false, reason: 'it fails', circuit })];
  expect(healthReport({ ...well, backends })).toEqual({
    status: 'ok',
    missing: ['down'],
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
    backends: [
      { name: 'codex', kind: 'app-server', ready: true },
      {
        name: 'next',
        kind: 'http',
        ready: true,
        circuit: { state: 'closed', failures: 0, retry_in_ms: null },
      },
      {
        name: 'down',
        kind: 'http',
        ready: false,
        reason: 'it fails',
        circuit: { state: 'open', failures: 5, retry_in_ms: 9_000 },
      },
    ],
    open_requests: 3,
    admission: { running: 2, streams: 1, waiting: 0 },
  });
});

test('where no app-server is among the backends, nothing is said of one', () => {
  expect(healthReport({ ...well, backend: null, backends: [backend('next')] })).not.toHaveProperty('backend');
});
