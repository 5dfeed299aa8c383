import { fileURLToPath } from 'node:url';
import type { GatewayProcess } from '../../support/gateway.ts';
import { chat, stream } from '../requests.ts';
import { type Exit, failedLate, type Profile, reads, readsWhile, refused } from '../row.ts';
import { underWay, untilDraining, untilLoad } from '../when.ts';

const fixture = (name: string): string =>
  `--import=${fileURLToPath(new URL(`../../fixtures/${name}.mjs`, import.meta.url))}`;

/** The gateway itself fails, in one request alone. */
export const faults: Profile = {
  name: 'faults',
  open: () => ({ NODE_OPTIONS: fixture('fault-in-answers') }),
  rows: [
    {
      name: 'because the gateway fails before the first word',
      run: reads(stream('/say break-it at once\n/stall')),
      expected: refused(500, 'internal_error', 'gateway_error', '+++++'),
    },
    {
      name: 'because the gateway fails in mid-stream',
      run: reads(stream('/say one two break-it three\n/stall')),
      expected: failedLate('internal_error', 'gateway_error', { phases: '+++!+' }),
    },
    {
      name: 'because the gateway fails over a plain answer',
      run: reads(chat('/say break-it')),
      expected: refused(500, 'internal_error', 'gateway_error', '+++++'),
    },
  ],
};

/** The same, after the backend has taken the turn and before anybody listens to it. */
export const earlyFaults: Profile = {
  name: 'early-faults',
  open: () => ({ NODE_OPTIONS: fixture('fault-before-answers') }),
  rows: [
    {
      name: 'because the gateway fails before it listens to the backend, streamed',
      run: reads(stream('/stall')),
      expected: refused(500, 'internal_error', 'gateway_error', '++-++'),
    },
    {
      name: 'because the gateway fails before it listens to the backend, plain',
      run: reads(chat('hello')),
      expected: refused(500, 'internal_error', 'gateway_error', '+++++'),
    },
  ],
};

/** The gateway is told to stop. The last row tells it, once the others are where they should be. */
export const shutdown: Profile = {
  name: 'shutdown',
  open: () => ({
    PROXY_DRAIN_MS: '3000',
    PROXY_MAX_CONCURRENCY: '2',
    PROXY_QUEUE_WAIT_MS: '60000',
  }),
  ends: true,
  rows: [
    {
      name: 'because the gateway is told to stop and its grace is over in mid-stream',
      run: reads(stream('/stall')),
      expected: failedLate('shutting_down', 'overloaded'),
    },
    {
      name: 'because the gateway is told to stop and its grace is over before the first word',
      run: reads(chat('/wait 60000')),
      expected: refused(503, 'shutting_down', 'overloaded', '++!++'),
    },
    {
      name: 'because the gateway is told to stop while it waits for a place',
      run: async (stage) => {
        await untilLoad(stage.gateway, ({ admission }) => admission.running === 2);
        return reads(chat('waiting'))(stage);
      },
      expected: refused(503, 'shutting_down', 'overloaded', '!--++'),
    },
    {
      name: 'because the gateway is draining',
      run: async (stage) => {
        await untilLoad(stage.gateway, ({ admission }) => admission.waiting === 1);
        process.kill(stage.gateway.pid, 'SIGTERM');
        await untilDraining(stage.gateway);
        return reads(chat('too late'))(stage);
      },
      expected: refused(503, 'shutting_down', 'overloaded', '!--++'),
    },
  ],
};

export const untold: Exit = {
  status: 200,
  answer: 'stream, cut',
  outcome: null,
  code: null,
  phases: '++~~-',
  server: null,
  recorded: null,
  usage: null,
  finish: null,
};

/** The gateway's process ends under the request: nobody is left to say how. */
const ended = (
  name: string,
  row: string,
  end: (gateway: GatewayProcess) => Promise<unknown>,
  expected: Exit = untold,
  env = {},
): Profile => ({
  name,
  open: () => env,
  ends: true,
  rows: [
    {
      name: row,
      run: readsWhile(stream('/long 60\n/stall'), async (stage, wire) => {
        await underWay(stage, wire);
        await end(stage.gateway);
      }),
      expected,
    },
  ],
});

export const killed: Profile = ended('killed', 'with the gateway, which is killed (SIGKILL)', (gateway) =>
  gateway.kill('SIGKILL'),
);
export const hurried: Profile = ended(
  'hurried',
  'with the gateway, which is told twice to stop',
  async (gateway) => {
    process.kill(gateway.pid, 'SIGTERM');
    await untilDraining(gateway);
    await gateway.kill('SIGTERM');
  },
);
export const broken: Profile = ended(
  'broken',
  'with the gateway, which fails as a whole',
  (gateway) => gateway.kill('SIGUSR2'),
  failedLate('internal_error', 'gateway_error'),
  { NODE_OPTIONS: fixture('faults') },
);
