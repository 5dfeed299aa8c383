import { createAppServerBackend } from '../../../src/backend/app-server/app-server-backend.ts';
import { aTurn, clientLeft } from '../../support/fake-exchange.ts';
import { createFakeSpan, payloadsOf } from '../../support/fake-span.ts';
import { AT_WORK, createFakeWorker } from '../../support/fake-worker.ts';
import { turnStarted } from '../../support/notifications.ts';
import { noPace } from '../../support/pace.ts';

test('what is said right behind the answer to thread/start finds its request', async () => {
  const behind = { method: 'mcpServer/startupStatus/updated', params: { threadId: 'th', name: 'x' } };
  const { supervisor, orphans } = createFakeWorker({
    'thread/start': () => [{ result: { thread: { id: 'th' } } }, behind],
  });
  const span = createFakeSpan('backend_submission');
  const context = { span, signal: new AbortController().signal };
  await createAppServerBackend(supervisor, AT_WORK).submit(context, aTurn());
  expect(orphans).toEqual([]);
  expect(payloadsOf(span, 'rpc_notification')).toEqual([behind]);
});

test('a client that leaves before turn/start is answered leaves no turn running behind it', async () => {
  const { supervisor, called, say } = createFakeWorker({ 'turn/start': () => [] });
  const controller = new AbortController();
  const context = { span: createFakeSpan('backend_submission'), signal: controller.signal };
  const submitted = createAppServerBackend(supervisor, AT_WORK).submit(context, aTurn());
  await called('turn/start');
  controller.abort(clientLeft());
  await expect(submitted).rejects.toMatchObject({ code: 'client_disconnected' });
  say(...turnStarted());
  expect((await called('turn/interrupt')).params).toEqual({ threadId: 'th', turnId: 't' });
});

test('a client that leaves while its request rests before it is handed over leaves nothing behind', async () => {
  const { supervisor, worker, calls } = createFakeWorker();
  const controller = new AbortController();
  const rest = async (): Promise<void> => controller.abort(clientLeft());
  const backend = createAppServerBackend(supervisor, AT_WORK, undefined, undefined, { ...noPace, rest });
  const context = { span: createFakeSpan('backend_submission'), signal: controller.signal };
  await expect(backend.submit(context, aTurn())).rejects.toMatchObject({ code: 'client_disconnected' });
  expect([worker.load.count, calls]).toEqual([0, []]);
});
