import type { GatewayProcess } from '../../support/gateway.ts';
import { chat, healthOf, hold, startTwo } from './support.ts';

const LIMIT = 4;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startTwo({
    PROXY_SSE_MAX_CONCURRENCY: String(LIMIT),
    PROXY_QUEUE_MAX: '8',
    // As long as a busy machine may take to hear that a process has died.
    PROXY_QUEUE_WAIT_MS: '3000',
  });
});
afterAll(() => gateway?.remove());

const holdAll = async (count: number) => {
  const held = await Promise.all(Array.from({ length: count }, () => hold(gateway.url)));
  return {
    statuses: held.map(({ status }) => status).sort(),
    held: held.filter(({ status }) => status === 200),
  };
};

const letGo = async (held: readonly { reqId: string; leave(): void }[]): Promise<void> => {
  for (const { leave } of held) leave();
  await Promise.all(held.map(({ reqId }) => gateway.accessLine(reqId)));
};

it('lets in as many streams as the limit says, over both processes, and refuses the others', async () => {
  const { statuses, held } = await holdAll(LIMIT + 3);
  expect(statuses).toEqual([200, 200, 200, 200, 503, 503, 503]);
  // Whatever is no stream has room still.
  expect((await chat(gateway.url, 'hi')).status).toBe(200);
  await letGo(held);
});

it('gives one process the places that the other one has used before', async () => {
  const [one, two] = [await hold(gateway.url), await hold(gateway.url)];
  // With one connection each, the two are in different processes; the next two go to the same ones.
  await letGo([one, two]);
  const first = await holdAll(LIMIT);
  expect(first.statuses).toEqual([200, 200, 200, 200]);
  await letGo(first.held);
  const again: Awaited<ReturnType<typeof hold>>[] = [];
  for (let count = 0; count < LIMIT; count++) {
    again.push(await hold(gateway.url));
    // Takes a turn away, so that all streams go to one process.
    await chat(gateway.url, 'hi');
  }
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const { processes } = await healthOf(gateway.url);
  expect(processes.map(({ open_requests }) => open_requests).sort()).toEqual([0, LIMIT]);
  await letGo(again);
});

it('gives a stream that waits the place that another process gets back', async () => {
  const { held } = await holdAll(LIMIT);
  const waits = hold(gateway.url);
  await letGo(held.slice(0, 1));
  const entered = await waits;
  expect(entered.status).toBe(200);
  await letGo([...held.slice(1), entered]);
});

it('gives back the places of a process that was killed', async () => {
  const { held } = await holdAll(LIMIT);
  const { processes } = await healthOf(gateway.url);
  const busiest = processes.toSorted((a, b) => b.open_requests - a.open_requests)[0];
  const killed = await Promise.all(
    held.map(({ reqId }) =>
      gateway.waitForMirror((lines) => lines.find((line) => line.req_id === reqId)?.pid),
    ),
  );
  process.kill(busiest?.pid ?? Number.NaN, 'SIGKILL');
  const free = killed.filter((pid) => pid === busiest?.pid).length;
  expect(free).toBeGreaterThan(0);
  const next = await Promise.all(Array.from({ length: free }, () => hold(gateway.url)));
  expect(next.map(({ status }) => status)).toEqual(next.map(() => 200));
  expect((await hold(gateway.url)).status).toBe(503);
});
