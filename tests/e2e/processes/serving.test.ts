import { join } from 'node:path';
import { countMirror } from '../../../bench/mirror/lost.ts';
import { type GatewayProcess, isListening, isReady, runCli } from '../../support/gateway.ts';
import { phaseCounts } from '../../support/records.ts';
import { complaints } from '../../support/schemas.ts';
import { ask, chat, healthOf, MODEL, pidsOf, startTwo } from './support.ts';

const REQUESTS = 40;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startTwo();
});
afterAll(() => gateway?.remove());

it('says once that it listens and that it is ready, and on each line which process says it', async () => {
  expect(gateway.log.filter(isListening)).toHaveLength(1);
  expect(gateway.log.filter(isReady)).toMatchObject([{ processes: 2, capture: 'full' }]);
  expect(gateway.log.map(({ pid }) => pid)).toEqual(gateway.log.map(() => gateway.pid));
});

it('tells of its processes, whichever of them is asked', async () => {
  const [first, second] = [await healthOf(gateway.url), await healthOf(gateway.url)];
  expect(first.processes).toMatchObject([
    { state: 'ready', restarts: 0 },
    { state: 'ready', restarts: 0 },
  ]);
  expect(second.processes.map(({ pid }) => pid)).toEqual(first.processes.map(({ pid }) => pid));
  expect(await ask(`${gateway.url}/readyz`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
});

it('writes every line of every request whole, with no number missing, whichever process served it', async () => {
  const asked = Array.from({ length: REQUESTS }, (_, index) =>
    chat(gateway.url, `say ${index}`, { stream: index % 2 === 0 }),
  );
  const answers = await Promise.all(asked);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const access = await Promise.all(answers.map(({ reqId }) => gateway.accessLine(reqId)));
  const pids = await pidsOf(gateway.url);
  // One connection after the other, in turn.
  for (const pid of pids) expect(access.filter((line) => line['pid'] === pid)).toHaveLength(REQUESTS / 2);
  expect(complaints('access-line', access)).toEqual([]);

  const last = answers.at(-1)?.reqId ?? '';
  await gateway.waitForMirror((lines) =>
    answers.every(({ reqId }) => phaseCounts(lines, reqId).usage_summary),
  );
  const traced = await runCli(['trace', last], { cwd: gateway.cwd });
  expect(traced).toMatchObject({ code: 0, stderr: '' });
  expect(traced.stdout).toContain('usage_summary');
  expect(traced.stdout).not.toMatch(/lost|torn/);

  expect(await gateway.stop()).toEqual({ code: 0, signal: null });
  const mirror = await gateway.mirror();
  expect(complaints('mirror-line', mirror)).toEqual([]);
  expect(new Set(mirror.map(({ pid }) => pid))).toEqual(new Set(pids));
  for (const { reqId } of answers)
    expect(phaseCounts(mirror, reqId)).toEqual({
      ...{ http_ingress: 1, backend_submission: 1, backend_io: 1, client_egress: 1, usage_summary: 1 },
    });
  expect(await countMirror(join(gateway.cwd, '.throughline', 'proto.ndjson'))).toMatchObject({
    lost: 0,
    errors: 0,
  });
  const usage = await gateway.usage();
  expect(usage.map(({ req_id }) => req_id).sort()).toEqual(answers.map(({ reqId }) => reqId).sort());
  expect(usage.every(({ model }) => model === MODEL)).toBe(true);
  expect(gateway.stderr()).toBe('');
  const said = gateway.log.map(({ msg }) => msg).filter((msg) => /^stopp/.test(msg));
  expect(said).toEqual([expect.stringMatching(/^stopping/), 'stopped']);
});
