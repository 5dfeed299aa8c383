import { connect } from 'node:net';
import { freePorts } from './stack/support/ports.ts';
import { runningStack } from './stack/support/running-stack.ts';

const ALL = { STACK_OTLP_URL: 'http://o', STACK_JAEGER_URL: 'http://j', STACK_PROMETHEUS_URL: 'http://p' };

test('the stack test asks a stack that runs already when all three variables name it', () => {
  expect(runningStack(ALL)).toEqual({
    otlpUrl: 'http://o',
    jaegerUrl: 'http://j',
    prometheusUrl: 'http://p',
  });
  expect(runningStack({})).toBeNull();
});

test.each(Object.keys(ALL))('it says so when %s alone is missing', (name) => {
  expect(() => runningStack({ ...ALL, [name]: '' })).toThrow(`not set: ${name}`);
});

const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });

test('free ports are all different, and held until they are released', async () => {
  const { ports, release } = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  const [first = 0, second = 0] = ports;
  expect([await isTaken(first), await isTaken(second)]).toEqual([true, true]);
  await release(first);
  expect([await isTaken(first), await isTaken(second)]).toEqual([false, true]);
  await release();
  expect(await isTaken(second)).toBe(false);
});
