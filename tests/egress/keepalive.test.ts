import { createEncoders } from '../../src/egress/create-encoder.ts';
import { createKeepalives } from '../../src/egress/keepalive.ts';
import { sendStream } from '../../src/egress/send-stream.ts';
import { GatewayError } from '../../src/errors.ts';
import type { TurnEvent, TurnEvents } from '../../src/gateway/turn.ts';
import {
  aTurn,
  clientLeft,
  createFakeExchange,
  done,
  type FakeClientOptions,
  text,
} from '../support/fake-exchange.ts';
import { eventsOf } from '../support/fake-span.ts';
import { createFakeTimers } from '../support/fake-timers.ts';
import { responsesEncoder } from '../support/responses.ts';

const MS = 15_000;
const COMMENT = ': keepalive\n\n';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A backend that says what it is told to, when it is told to. */
const createTalker = () => {
  type Step = IteratorResult<readonly TurnEvent[]>;
  const waiting: PromiseWithResolvers<Step>[] = [];
  let left = false;
  const iterator: AsyncIterator<readonly TurnEvent[]> = {
    next() {
      const turn = Promise.withResolvers<Step>();
      waiting.push(turn);
      return turn.promise;
    },
    async return() {
      left = true;
      return { done: true, value: undefined };
    },
  };
  return {
    events: { [Symbol.asyncIterator]: () => iterator } as TurnEvents,
    async say(event: TurnEvent) {
      waiting.shift()?.resolve({ done: false, value: [event] });
      await settle();
    },
    async end() {
      waiting.shift()?.resolve({ done: true, value: undefined });
      await settle();
    },
    get left() {
      return left;
    },
  };
};

const chatEncoder = () => createEncoders({ newId: () => 'abc', nowSeconds: () => 1 })(aTurn());

const open = (client: FakeClientOptions = {}, encoder = chatEncoder()) => {
  const timers = createFakeTimers();
  const talker = createTalker();
  const exchange = createFakeExchange(client);
  const settled = sendStream(exchange, encoder, talker.events, createKeepalives(MS, timers));
  const pass = async (ms: number): Promise<void> => {
    timers.advance(ms);
    await settle();
  };
  const span = () => exchange.trace.phases.get('client_egress') ?? exchange.trace.server;
  return { timers, talker, exchange, settled, pass, span, body: () => exchange.client.sent.body };
};

test('a stream that is quiet gets a comment each interval, and each stands in the trace', async () => {
  const { talker, settled, pass, span, body } = open();
  await talker.say(text('Hel'));
  await pass(MS);
  await pass(MS);
  await talker.say(text('lo'));
  await talker.say(done);
  await talker.end();
  expect(await settled).toMatchObject({ outcome: 'completed', status: 200 });
  expect(body().split(COMMENT)).toHaveLength(3);
  expect(body()).toMatch(/"Hel".*\n\n: keepalive\n\n: keepalive\n\ndata: .*"lo"/s);
  expect(eventsOf(span(), 'keepalive')).toHaveLength(2);
});

test('what is sent starts the interval again', async () => {
  const { talker, settled, pass, body } = open();
  await talker.say(text('one'));
  await pass(MS - 1);
  await talker.say(text('two'));
  await pass(MS - 1);
  expect(body()).not.toContain(COMMENT);
  await pass(1);
  expect(body()).toContain(COMMENT);
  await talker.say(done);
  await talker.end();
  await settled;
});

test('what gives no bytes does not: usage alone keeps nobody waiting in silence', async () => {
  const { talker, settled, pass, body } = open();
  await pass(MS - 1);
  await talker.say({
    type: 'usage',
    usage: {
      input_tokens: 1,
      cached_input_tokens: 0,
      cache_write_input_tokens: 0,
      output_tokens: 1,
      reasoning_output_tokens: 0,
      total_tokens: 2,
    },
  });
  await pass(1);
  expect(body()).toBe(COMMENT);
  await talker.say(done);
  await talker.end();
  await settled;
});

test('the head goes out with a comment before the first text; the stream then begins as any other', async () => {
  const { talker, exchange, settled, pass, body } = open();
  await pass(MS);
  expect(exchange.client.sent).toMatchObject({ status: 200, body: COMMENT });
  await talker.say(text('Hi'));
  await talker.say(done);
  await talker.end();
  await settled;
  expect(body()).toMatch(/^: keepalive\n\ndata: .*"role":"assistant".*data: \[DONE\]\n\n$/s);
});

test('a failure after it begins the answer first, so that clients of every API can read it', async () => {
  const { talker, settled, pass, body } = open({}, responsesEncoder());
  await pass(MS);
  await talker.say({ type: 'failed', error: new GatewayError('backend_error', 'It failed.') });
  await talker.end();
  await settled;
  const events = [...body().matchAll(/^event: (\S+)$/gm)].map(([, name]) => name);
  expect(events).toEqual(['response.created', 'response.in_progress', 'response.failed']);
  expect([...body().matchAll(/"sequence_number":(\d)/g)].map(([, number]) => number)).toEqual([
    '0',
    '1',
    '2',
  ]);
});

test('a failure after it is an error event, since the status has been sent', async () => {
  const { talker, settled, pass, body } = open();
  await pass(MS);
  await talker.say({ type: 'failed', error: new GatewayError('backend_error', 'It failed.') });
  await talker.end();
  expect(await settled).toMatchObject({ status: 200, outcome: 'backend_error' });
  expect(body()).toMatch(/^: keepalive\n\ndata: .*"code":"backend_error"/s);
});

test('a failure before it still has its HTTP status', async () => {
  const { talker, exchange, settled, pass } = open();
  await pass(MS - 1);
  await talker.say({ type: 'failed', error: new GatewayError('backend_error', 'It failed.') });
  await talker.end();
  await settled;
  expect(exchange.client.sent.status).toBe(502);
});

test('a client that has left is noticed at the comment, the backend is stopped at its next word, and no timer stays', async () => {
  const { timers, talker, settled, pass } = open({
    onWrite: () => {
      throw clientLeft();
    },
    complete: false,
  });
  await pass(MS);
  await talker.say(text('Hi'));
  expect(await settled).toMatchObject({ outcome: 'client_disconnect' });
  expect(talker.left).toBe(true);
  expect(timers.pending).toBe(0);
});

test('one timer watches the whole stream, however much is sent', async () => {
  const { timers, talker, settled, pass } = open();
  for (let n = 0; n < 20; n++) {
    await talker.say(text('word '));
    expect(timers.pending).toBe(1);
    await pass(MS / 2);
  }
  await talker.say(done);
  await talker.end();
  await settled;
  expect(timers.pending).toBe(0);
});

test('a client that has no room gets no comment on top, and what is said stands behind the one that it waits for', async () => {
  const rooms: PromiseWithResolvers<void>[] = [];
  const { talker, settled, pass, body } = open({
    room() {
      const room = Promise.withResolvers<void>();
      rooms.push(room);
      return room.promise;
    },
  });
  await pass(MS);
  await pass(MS);
  await talker.say(text('Hi'));
  expect(body()).toBe(COMMENT);
  rooms[0]?.resolve();
  await settle();
  expect(body()).toMatch(/^: keepalive\n\ndata: /);
  await pass(MS);
  expect(body().split(COMMENT)).toHaveLength(2);
  rooms[1]?.resolve();
  await settle();
  await talker.say(done);
  rooms[2]?.resolve();
  await settle();
  await talker.end();
  expect(await settled).toMatchObject({ outcome: 'completed' });
});
