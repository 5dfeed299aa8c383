import { createSupervisor } from '../../../../src/backend/app-server/worker/supervisor.ts';
import { commandOf, createFakeConnectionTrace, isAlive } from '../../../support/backend-process.ts';

const supervise = (command: string[]) => {
  const trace = createFakeConnectionTrace();
  const settings = { command, env: {}, workdir: process.cwd(), clientVersion: '1', handshakeMs: 20_000 };
  return { supervisor: createSupervisor({ settings, trace, onExit: () => undefined }), trace };
};

test('stopping while a worker still shakes hands leaves no process behind', async () => {
  const { supervisor, trace } = supervise(commandOf('never-answers'));
  supervisor.worker().catch(() => undefined);
  const up = await trace.waitFor(({ payload }) => payload['method'] === 'test/up');
  await supervisor.stop(10);
  const { pid } = up.payload['params'] as { pid: number };
  const left = isAlive(pid);
  if (left) process.kill(pid, 'SIGKILL');
  expect(left).toBe(false);
});

test('stopping while the next start waits lets nobody wait for ever', async () => {
  const { supervisor } = supervise(commandOf('answers'));
  const worker = await supervisor.worker();
  worker.rpc.callRpc(null, 'test/exit', {}).catch(() => undefined);
  await worker.exited;
  const told = expect(supervisor.worker()).rejects.toMatchObject({ code: 'shutting_down' });
  await supervisor.stop(0);
  await told;
});
