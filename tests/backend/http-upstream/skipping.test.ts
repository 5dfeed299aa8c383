import { RelayFailure } from '../../../src/backend/http-upstream/relay/failure.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { statusOf, testBackend } from '../../support/http-backend.ts';
import { answerJson, startHttpServer } from '../../support/http-server.ts';
import { rejectionOf } from '../../support/thrown.ts';

const keep = closeAfterEach();
const realNow = Date.now;
let nowMs = 1_000_000;

beforeEach(() => {
  Date.now = () => nowMs;
});
afterEach(() => {
  Date.now = realNow;
});

const startFailing = async () => {
  const state = { status: 500 };
  const server = keep(await startHttpServer((...args) => answerJson(state.status, {})(...args)));
  const { backend, relay } = testBackend(server.origin);
  keep({ close: () => backend.abandon() });
  for (let count = 0; count < 5; count++) await relay();
  return { state, server, backend, relay };
};

test('a backend that keeps failing is skipped where another one can be asked', async () => {
  const { server, backend, relay } = await startFailing();
  const thrown = await rejectionOf(relay({}, { canFailOver: true }));
  if (!(thrown instanceof RelayFailure)) throw thrown;
  expect(statusOf(thrown.running)).toBe('backend_unavailable');
  expect(thrown.running.result).toMatchObject({ error: { status: 503, headers: { 'retry-after': '10' } } });
  expect(server.requests).toHaveLength(5);
  expect(backend.state.circuit).toEqual({ state: 'open', failures: 5, retryInMs: 10_000 });
});

test('it is asked all the same where there is no other', async () => {
  const { server, relay } = await startFailing();
  expect(statusOf(await relay())).toBe(500);
  expect(server.requests).toHaveLength(6);
});

test('after a while it is tried, and is back once it answers', async () => {
  const { state, backend, relay } = await startFailing();
  nowMs += 10_000;
  state.status = 200;
  expect(statusOf(await relay({}, { canFailOver: true }))).toBe(200);
  expect(backend.state.circuit.state).toBe('closed');
});

test('a limit of its clients is no failure of the backend', async () => {
  const { state, backend, relay } = await startFailing();
  nowMs += 10_000;
  state.status = 404;
  expect(statusOf(await relay({}, { canFailOver: true }))).toBe(404);
  expect(backend.state.circuit).toMatchObject({ state: 'closed', failures: 0 });
});
