import { type Bytes, stream } from '../requests.ts';
import { leavesAfter, left, type Profile, reads, readsWhile, refused, type Stage } from '../row.ts';
import { untilLoad } from '../when.ts';
import { openWire } from '../wire.ts';

const as = (name: string): Record<string, string> => ({ authorization: `Bearer test-key-${name}` });
const asks = (name: string): Bytes => stream('/stall', { headers: as(name) });

/** Takes both places of the gateway while `work` runs. */
const whileFull = async <T>({ gateway, reqId }: Stage, work: () => Promise<T>): Promise<T> => {
  const held = ['alice', 'bob'].map((name) => openWire(gateway.url, asks(name)(`${reqId}:${name}`)));
  try {
    await untilLoad(gateway, ({ admission }) => admission.running === 2);
    return await work();
  } finally {
    for (const wire of held) wire.leave();
    await untilLoad(gateway, ({ open_requests }) => open_requests === 0);
  }
};

const full =
  (run: (stage: Stage) => Promise<Awaited<ReturnType<ReturnType<typeof reads>>>>) => (stage: Stage) =>
    whileFull(stage, () => run(stage));

/** Requests that find every place taken. */
export const places: Profile = {
  name: 'places',
  open: () => ({
    PROXY_API_KEYS: ['alice', 'bob', 'carol', 'dave'].map((name) => `${name}:test-key-${name}`).join(),
    PROXY_MAX_CONCURRENCY: '2',
    PROXY_SSE_MAX_CONCURRENCY: '2',
    PROXY_QUEUE_MAX: '1',
    PROXY_QUEUE_WAIT_MS: '2000',
  }),
  rows: [
    {
      name: 'because its key has its share already',
      run: full(reads(asks('alice'))),
      expected: refused(429, 'key_concurrency_exceeded', 'rate_limited'),
      alone: true,
    },
    {
      name: 'because no place became free in time',
      run: full(reads(asks('carol'))),
      expected: refused(503, 'queue_timeout', 'overloaded', '!--++'),
      alone: true,
    },
    {
      name: 'because the queue is full too',
      run: full(async (stage) => {
        const waiter = openWire(stage.gateway.url, asks('carol')(`${stage.reqId}:carol`));
        await untilLoad(stage.gateway, ({ admission }) => admission.waiting === 1);
        const got = await reads(asks('dave'))(stage);
        waiter.leave();
        return got;
      }),
      expected: refused(503, 'queue_full', 'overloaded', '!--++'),
      alone: true,
    },
    {
      name: 'because the client leaves while it waits for a place',
      run: full(
        leavesAfter(asks('carol'), ({ gateway }) =>
          untilLoad(gateway, ({ admission }) => admission.waiting === 1),
        ),
      ),
      expected: left({}),
      alone: true,
    },
    {
      name: "because the client's own deadline is over while it waits for a place",
      run: full(
        readsWhile(
          stream('hi', { headers: { ...as('carol'), 'x-request-timeout-ms': '800' } }),
          async () => undefined,
        ),
      ),
      expected: refused(504, 'request_deadline_exceeded', 'timeout', '!--++'),
      alone: true,
    },
  ],
};
