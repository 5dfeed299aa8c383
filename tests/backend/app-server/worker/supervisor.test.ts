import type { WorkerExit } from '../../../../src/backend/app-server/worker/process.ts';
import { createSupervisor, type Supervisor } from '../../../../src/backend/app-server/worker/supervisor.ts';
import { commandOf, createFakeConnectionTrace, isAlive } from '../../../support/backend-process.ts';
import { clientLeft } from '../../../support/fake-exchange.ts';
import { shortenDelays } from '../../../support/short-delays.ts';

/** Longer than any delay that `shortenDelays` shortens. */
const HANDSHAKE_MS = 20_000;

const supervisors: Supervisor[] = [];
const supervise = (command = commandOf('answers')) => {
  const trace = createFakeConnectionTrace();
  const exits: WorkerExit[] = [];
  const supervisor = createSupervisor({
    settings: { command, env: {}, workdir: process.cwd(), clientVersion: '1', handshakeMs: HANDSHAKE_MS },
    trace,
    onExit: (exit) => void exits.push(exit),
  });
  supervisors.push(supervisor);
  const pids = () =>
    trace.events
      .filter(({ kind }) => kind === 'backend_start')
      .map(({ payload }) => payload['pid'] as number);
  return { supervisor, trace, exits, pids };
};

/** Ends the worker of now and waits for its exit to be known. */
const crash = async (supervisor: Supervisor): Promise<void> => {
  const worker = await supervisor.worker();
  worker.rpc.callRpc(null, 'test/exit', {}).catch(() => undefined);
  await worker.exited;
};

afterEach(async () => {
  await Promise.all(supervisors.splice(0).map((supervisor) => supervisor.stop(0)));
});

test('everybody gets the one worker', async () => {
  const { supervisor, pids } = supervise();
  const [first, second] = await Promise.all([supervisor.worker(), supervisor.worker()]);
  expect(first).toBe(second);
  expect(supervisor.state).toEqual({ ready: true, restarts: 0, pid: first?.pid });
  expect(pids()).toHaveLength(1);
});

test('a worker that cannot start for the first time is not tried again: the start of the gateway fails', async () => {
  const { supervisor, pids } = supervise(commandOf('exits-at-once'));
  await expect(supervisor.worker()).rejects.toMatchObject({ code: 'backend_exited' });
  await expect(supervisor.worker()).rejects.toMatchObject({ code: 'backend_exited' });
  expect(supervisor.state).toMatchObject({ ready: false, restarts: 0 });
  expect(pids()).toHaveLength(1);
});

test('a worker that died is replaced, and who asks meanwhile waits for the next one', async () => {
  const { supervisor, exits, pids } = supervise();
  const first = await supervisor.worker();
  await crash(supervisor);
  const second = await supervisor.worker();
  expect(second.pid).not.toBe(first.pid);
  expect(supervisor.state).toEqual({ ready: true, restarts: 1, pid: second.pid });
  expect(exits).toMatchObject([{ code: 3 }]);
  expect(pids()).toEqual([first.pid, second.pid]);
});

test('the more often it dies, the longer the next start waits, up to a bound', async () => {
  const timers = shortenDelays();
  try {
    const { supervisor } = supervise();
    for (let crashes = 0; crashes < 9; crashes++) await crash(supervisor);
    await supervisor.worker();
    expect(supervisor.state.restarts).toBe(9);
    expect(timers.delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  } finally {
    timers.restore();
  }
});

test('who gives up waiting for a worker gets his own reason', async () => {
  const { supervisor } = supervise();
  const controller = new AbortController();
  const waiting = supervisor.worker(controller.signal);
  controller.abort(clientLeft());
  await expect(waiting).rejects.toMatchObject({ code: 'client_disconnected' });
  await expect(supervisor.worker(controller.signal)).rejects.toMatchObject({ code: 'client_disconnected' });
  await expect(supervisor.worker()).resolves.toMatchObject({ models: expect.anything() });
});

test('stopping ends the worker for good', async () => {
  const { supervisor, exits, pids } = supervise();
  const worker = await supervisor.worker();
  await supervisor.stop(10_000);
  expect(await worker.exited).toMatchObject({ code: 7, signal: null });
  expect(isAlive(worker.pid)).toBe(false);
  expect(supervisor.state).toMatchObject({ ready: false, restarts: 0 });
  expect(exits).toEqual([]);
  expect(pids()).toHaveLength(1);
  await expect(supervisor.worker()).rejects.toMatchObject({ code: 'shutting_down' });
});

test('stopping twice is harmless', async () => {
  const { supervisor } = supervise();
  await supervisor.worker();
  await Promise.all([supervisor.stop(10_000), supervisor.stop(10_000)]);
  await supervisor.stop(0);
});
