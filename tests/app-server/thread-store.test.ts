import fc from 'fast-check';
import {
  appendHistory,
  createThread,
  type Thread,
  type ThreadSettings,
} from '../../src/app-server/core/thread.ts';
import { createThreadStore, type ThreadStore } from '../../src/app-server/core/thread-store.ts';
import type { RpcClient } from '../../src/app-server/rpc/client.ts';
import { startThread, withServer } from './conversation.ts';

const SETTINGS: ThreadSettings = {
  ephemeral: true,
  cwd: '/',
  instructions: '',
  tools: [],
  rawEvents: false,
  approvalPolicy: 'never',
  sandbox: 'read-only',
  originator: '',
  forkedFromId: null,
};
const LIMITS = { maxThreads: 100, maxThreadSize: 5_000, maxSize: 10_000 };
const SMALL = 50;

const client = {} as RpcClient;

/** A thread that holds so many characters, and that a client listens to. */
const threadOf = (size: number): Thread => {
  const thread = createThread({ ...SETTINGS, instructions: 'x'.repeat(size - 2) }, 'm');
  thread.subscribers.add(client);
  thread.size = size;
  return thread;
};
const idle = (thread: Thread): Thread => {
  thread.subscribers.clear();
  return thread;
};
const add = (store: ThreadStore, thread: Thread): Thread => {
  store.add(thread);
  return thread;
};
const sizeIn = (store: ThreadStore): number => store.all().reduce((total, { size }) => total + size, 0);

test('a thread that somebody listens to is not forgotten, be it new and without a turn', () => {
  const store = createThreadStore({ ...LIMITS, maxThreads: 2 });
  const held = [add(store, threadOf(10)), add(store, threadOf(10))];
  expect(() => store.add(threadOf(10))).toThrow('Server overloaded: too many threads are in use');
  expect(store.all()).toEqual(held);
});

test('idle threads make room, those first that were used longest ago, and no more than it takes', () => {
  const store = createThreadStore(LIMITS);
  const threads = [3_000, 3_000, 3_000].map((size, index) => {
    const thread = idle(add(store, threadOf(size)));
    thread.updatedAtMs = index;
    return thread;
  });
  const large = add(store, threadOf(2_500));
  expect(store.all()).toEqual([threads[2], large]);
});

test('what cannot be held at all is refused for that, whatever else is there', () => {
  const store = createThreadStore(LIMITS);
  expect(() => store.add(threadOf(5_001))).toThrow('the conversation is too large: over 5000 characters');
  const thread = add(store, threadOf(4_000));
  expect(() => store.reserve(thread, 1_001)).toThrow('the conversation is too large');
  expect(store.get(thread.id).size).toBe(4_000);
});

test('beside large threads in use another large one is refused, and a small one is not', () => {
  const store = createThreadStore(LIMITS);
  const held = [add(store, threadOf(4_000)), add(store, threadOf(3_000))];
  const started = add(store, threadOf(10));
  expect(() => store.reserve(started, 2_500)).toThrow(
    'Server overloaded: no room for a conversation of this size',
  );
  store.reserve(started, SMALL - 10);
  store.reserve(started, 1_000);
  expect(store.all()).toEqual([...held, started]);
});

test('a small one fits also where each of the others has taken all that it could', () => {
  const store = createThreadStore(LIMITS);
  for (let index = 0; index < 12; index++) {
    store.add(threadOf(Math.max(2, Math.floor((LIMITS.maxSize - sizeIn(store)) / 2))));
  }
  expect(() => store.add(threadOf(SMALL + 1))).toThrow('no room');
  store.add(threadOf(SMALL));
});

test('what a thread is started with counts: instructions and tools', () => {
  const tools = [{ type: 'function' as const, name: 'a', description: 'd'.repeat(500), inputSchema: {} }];
  const thread = createThread({ ...SETTINGS, instructions: 'x'.repeat(1_000), tools }, 'm');
  expect(thread.size).toBeGreaterThan(1_500);
  appendHistory(thread, [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
  ]);
  expect(thread.size).toBeGreaterThan(1_550);
});

test('whatever comes, threads in use stay, small ones fit, and all together have a bound', () => {
  const step = fc.record({ size: fc.integer({ min: 2, max: 6_000 }), leaves: fc.nat({ max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 90 }), (steps) => {
      const store = createThreadStore(LIMITS);
      const inUse = new Set<Thread>();
      for (const { size, leaves } of steps) {
        const left = [...inUse][leaves];
        if (left) inUse.delete(idle(left));
        try {
          inUse.add(add(store, threadOf(size)));
        } catch {
          expect(size).toBeGreaterThan(SMALL);
        }
        for (const thread of inUse) expect(store.get(thread.id)).toBe(thread);
        expect(sizeIn(store)).toBeLessThanOrEqual(LIMITS.maxSize * 1.5);
      }
    }),
    { seed: 11 },
  );
});

test('five large turns of one client leave room for the small one of another', async () => {
  await withServer({ faults: true }, async (server) => {
    const items = [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(30_000_000) }] },
    ];
    const large = async () => {
      const threadId = await startThread(server);
      const { error } = await server.call('thread/inject_items', { threadId, items });
      if (error) return error.message;
      await server.get('turn/start', { threadId, input: [{ type: 'text', text: '/stall' }] });
      return 'taken';
    };
    const said: string[] = [];
    for (let index = 0; index < 5; index++) {
      const small = await startThread(server);
      said.push(await large());
      const input = [{ type: 'text', text: 'hello' }];
      expect(await server.call('turn/start', { threadId: small, input })).toMatchObject({ result: {} });
    }
    expect(said.slice(0, 2)).toEqual(['taken', 'taken']);
    expect(said.at(-1)).toContain('no room for a conversation of this size');
  });
});
