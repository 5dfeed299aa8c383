import { EventEmitter } from 'node:events';
import { listenForStop } from '../../src/cli/stop-signals.ts';

const listen = (byNpm = false, hangupStops = true) => {
  const source = new EventEmitter();
  const clock = { ms: 5 };
  let seconds = 0;
  const signal = listenForStop({
    source,
    byNpm,
    hangupStops,
    now: () => clock.ms,
    onSecond: () => {
      seconds += 1;
    },
  });
  return { source, clock, signal, seconds: () => seconds };
};

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('the first %s is the wish to stop', (name) => {
  const { source, signal, seconds } = listen();
  expect(signal.aborted).toBe(false);
  source.emit(name);
  expect(signal.aborted).toBe(true);
  expect(seconds()).toBe(0);
});

test.each(['SIGINT', 'SIGHUP'])('%s again within a second is the same wish, handed on by npm', (name) => {
  const { source, clock, seconds } = listen();
  source.emit(name);
  clock.ms += 999;
  source.emit(name);
  expect(seconds()).toBe(0);
  clock.ms += 1;
  source.emit(name);
  expect(seconds()).toBe(1);
});

test('SIGTERM again, which no terminal sends, is a second wish at once', () => {
  const { source, seconds } = listen();
  source.emit('SIGTERM');
  source.emit('SIGTERM');
  expect(seconds()).toBe(1);
});

test('SIGTERM again within a tenth of a second is the same wish where npm hands on what its group was sent', () => {
  const { source, clock, seconds } = listen(true);
  source.emit('SIGTERM');
  clock.ms += 99;
  source.emit('SIGTERM');
  expect(seconds()).toBe(0);
  clock.ms += 1;
  source.emit('SIGTERM');
  expect(seconds()).toBe(1);
});

test('another signal than the first is a second wish at once', () => {
  const { source, seconds } = listen();
  source.emit('SIGINT');
  source.emit('SIGTERM');
  source.emit('SIGINT');
  expect(seconds()).toBe(1);
});

test('where a file is read again at SIGHUP, that is no wish to stop', () => {
  const { source, signal } = listen(false, false);
  source.emit('SIGHUP');
  expect(signal.aborted).toBe(false);
  source.emit('SIGTERM');
  expect(signal.aborted).toBe(true);
});
