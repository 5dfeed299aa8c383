import { setTimeout as pause } from 'node:timers/promises';
import { commandOf, isAlive } from '../support/backend-process.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { GIVE_UP_MS } from '../support/give-up.ts';
import { untilGone } from '../support/until-gone.ts';
import { watchersOf } from '../support/watchers.ts';

type Pids = { worker: number; child: number };

/** The worker and the child that it has started itself, by what the mirror says. */
const pidsOf = (gateway: GatewayProcess): Promise<Pids> =>
  gateway.waitForMirror((lines) => {
    const payloads = lines.flatMap((line) => (line.type === 'event' ? [line] : []));
    const started = payloads.find(({ kind }) => kind === 'backend_start')?.payload as
      | { pid: number }
      | undefined;
    const said = payloads.find(({ payload }) => JSON.stringify(payload ?? null).includes('test/child'));
    const child = (said?.payload as { params: { pid: number } } | undefined)?.params.pid;
    return started && child !== undefined && { worker: started.pid, child };
  });

/** Nothing tells of a child that another process starts. */
const untilReplaced = async (parent: number, watcher: number): Promise<void> => {
  const until = performance.now() + GIVE_UP_MS;
  while (watchersOf(parent).every((pid) => pid === watcher)) {
    if (performance.now() > until) throw new Error('the watcher that was killed is not replaced');
    await pause(50);
  }
};

describe('a gateway whose app-server ignores the end of its stdin, and SIGTERM', () => {
  const left: number[] = [];
  const start = async (): Promise<{ gateway: GatewayProcess } & Pids> => {
    const gateway = await startGateway({ PROXY_APP_SERVER_CMD: commandOf('answers', '--stays').join(' ') });
    const pids = await pidsOf(gateway);
    left.push(pids.worker, pids.child);
    return { gateway, ...pids };
  };
  afterEach(() => {
    for (const pid of left.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });

  it('takes it along when it is killed with SIGKILL, and what it had started', async () => {
    const { gateway, worker, child } = await start();
    await gateway.kill('SIGKILL');
    expect([isAlive(worker), isAlive(child)]).toEqual([true, true]);
    const gone = await Promise.all([untilGone(worker), untilGone(child)]);
    expect(gone).toEqual([true, true]);
    await gateway.remove();
  });

  it('takes it along also when its watcher was killed before', async () => {
    const { gateway, worker, child } = await start();
    const [watcher = Number.NaN] = watchersOf(gateway.pid);
    process.kill(watcher, 'SIGKILL');
    await untilReplaced(gateway.pid, watcher);
    await gateway.kill('SIGKILL');
    expect(await Promise.all([untilGone(worker), untilGone(child)])).toEqual([true, true]);
    await gateway.remove();
  });

  it('takes it along when it is told to stop', async () => {
    const { gateway, worker, child } = await start();
    expect(await gateway.stop()).toMatchObject({ code: 0 });
    const gone = await Promise.all([untilGone(worker), untilGone(child)]);
    expect(gone).toEqual([true, true]);
    await gateway.remove();
  });
});
