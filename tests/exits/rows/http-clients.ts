import { unfinished } from '../requests.ts';
import { completed, failedLate, leavesAfter, left, reads, readsWhile, refused } from '../row.ts';
import { answerBegan, serverHeard, underWay, untilLoad } from '../when.ts';
import { untold } from './endings.ts';
import { streams, whole, withUpstream } from './http.ts';

/** Clients that leave a server, or are left without time for it. */
export const httpLeaving = withUpstream('http-leaving', (upstream) => [
  {
    name: 'because the client of a server leaves while it sends the body',
    run: leavesAfter(unfinished, ({ gateway }) =>
      untilLoad(gateway, ({ open_requests }) => open_requests > 0),
    ),
    expected: left({}),
    alone: true,
  },
  {
    name: 'because the client of a server leaves before the answer',
    run: leavesAfter(whole('hangs'), ({ reqId }) => upstream().read(reqId)),
    expected: left({ phases: '+++-+' }),
  },
  {
    name: 'because the client of a server leaves before a stream',
    run: leavesAfter(streams('hangs'), ({ reqId }) => upstream().read(reqId)),
    expected: left({ phases: '+++-+' }),
  },
  {
    name: 'because the client of a server leaves in mid-stream',
    run: leavesAfter(streams('begins-and-hangs'), answerBegan),
    expected: left({ status: 200, answer: 'stream, cut', phases: '+++++', recorded: 200 }),
  },
  {
    name: 'because the client closes at the last frame of a server',
    run: leavesAfter(streams('stream'), (_, wire) => wire.until('[DONE]')),
    expected: completed('stream, [DONE]'),
  },
  {
    name: 'because the client leaves while its request waits to be sent to the server again',
    run: leavesAfter(whole('busy-for-now'), serverHeard),
    expected: left({ phases: '++--+' }),
  },
  {
    name: "because the client's own deadline is over before the server answers",
    run: reads(whole('hangs', { headers: { 'x-request-timeout-ms': '6000' } })),
    expected: refused(504, 'request_deadline_exceeded', 'timeout', '++!++'),
  },
  {
    name: "because the client's own deadline is over in a server's stream",
    run: reads(streams('begins-and-hangs', { headers: { 'x-request-timeout-ms': '12000' } })),
    expected: failedLate('request_deadline_exceeded', 'timeout'),
  },
]);

/** Clients that do not take what a server has for them. */
export const httpStalling = withUpstream(
  'http-stalling',
  () => [
    {
      name: 'because the client of a server reads nothing for too long',
      run: readsWhile(streams('pours'), async ({ gateway, reqId }, wire) => {
        await wire.until('data: ');
        wire.pause();
        await gateway.accessLine(reqId);
        wire.leave();
      }),
      expected: left({
        status: 200,
        answer: 'stream, cut',
        code: 'client_stalled',
        phases: '+++++',
        recorded: 200,
      }),
    },
  ],
  { env: (url) => ({ PROXY_UPSTREAM_URL: url, PROXY_CLIENT_STALL_MS: '1000' }) },
);

export const httpShutdown = withUpstream(
  'http-shutdown',
  (upstream) => [
    {
      name: "because the gateway is told to stop and its grace is over in a server's stream",
      run: readsWhile(streams('begins-and-hangs'), async (stage, wire) => {
        await answerBegan(stage, wire);
        await upstream().read(
          'because-the-gateway-is-told-to-stop-and-its-grace-is-over-before-the-server-answers',
        );
        process.kill(stage.gateway.pid, 'SIGTERM');
      }),
      expected: failedLate('shutting_down', 'overloaded'),
    },
    {
      name: 'because the gateway is told to stop and its grace is over before the server answers',
      run: reads(whole('hangs')),
      expected: refused(503, 'shutting_down', 'overloaded', '++!++'),
    },
  ],
  { ends: true, env: (url) => ({ PROXY_UPSTREAM_URL: url, PROXY_DRAIN_MS: '300' }) },
);

export const httpKilled = withUpstream(
  'http-killed',
  () => [
    {
      name: "with the gateway, which is killed (SIGKILL) in a server's stream",
      run: readsWhile(streams('begins-and-hangs'), async (stage, wire) => {
        await underWay(stage, wire);
        await stage.gateway.kill('SIGKILL');
      }),
      expected: untold,
    },
  ],
  { ends: true },
);
