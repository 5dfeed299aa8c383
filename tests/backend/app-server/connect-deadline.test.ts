import { withConnectDeadline } from '../../../src/backend/app-server/connect-deadline.ts';
import type { WorkerPool } from '../../../src/backend/app-server/worker/pool.ts';
import { clientLeft } from '../../support/fake-exchange.ts';
import { createFakeSpan } from '../../support/fake-span.ts';
import { createFakeWorker } from '../../support/fake-worker.ts';

const context = (signal = new AbortController().signal) => ({
  span: createFakeSpan('backend_submission'),
  signal,
});

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('who finds no worker in time may come back, who is not taken in time by one has met a slow backend', async () => {
  const { supervisor, worker } = createFakeWorker();
  const empty: WorkerPool = { ...supervisor, use: untilAborted };
  await expect(withConnectDeadline(empty, context(), 5, async () => null)).rejects.toMatchObject({
    code: 'backend_unavailable',
  });
  const taken = withConnectDeadline(supervisor, context(), 5, async ({ end }, { signal }) =>
    untilAborted(signal).finally(end),
  );
  await expect(taken).rejects.toMatchObject({ code: 'backend_connect_timeout' });
  expect(worker.load.count).toBe(0);
});

test('a client that leaves in the moment in which a worker comes lets it go, and nothing is asked of it', async () => {
  const { supervisor, worker } = createFakeWorker();
  const controller = new AbortController();
  let asked = false;
  const connecting = withConnectDeadline(supervisor, context(controller.signal), 60_000, async () => {
    asked = true;
  });
  controller.abort(clientLeft());
  await expect(connecting).rejects.toMatchObject({ code: 'client_disconnected' });
  expect([worker.load.count, asked]).toEqual([0, false]);
});
