import { parentPort, workerData } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import { diagLevelOf } from '../otel/diag.ts';
import { createHost } from './host.ts';
import type { FromThread, ThreadLog, ThreadStart, ToThread } from './messages.ts';

/** The telemetry thread: what it is told comes over its port, in order. */

const port = parentPort;
if (!port) throw new Error('this file is the entry of a thread');
const say = (message: FromThread): void => port.postMessage(message);

const start = workerData as ThreadStart;

const tell =
  (level: ThreadLog['level']) =>
  (message: string, ...more: unknown[]): void =>
    say({
      type: 'diag',
      level,
      text: [message, ...more.filter((part) => typeof part === 'string')].join(' '),
    });
diag.setLogger(
  {
    error: tell('error'),
    warn: tell('warn'),
    info: tell('info'),
    debug: tell('debug'),
    verbose: tell('debug'),
  },
  { logLevel: diagLevelOf(start.env['OTEL_LOG_LEVEL']), suppressOverrideMessage: true },
);

const host = await createHost(start, say);

/** Node hands over all messages that wait in one go: the file and the exports would wait behind them. */
const inbox: ToThread[] = [];
const takeOne = (): void => {
  const message = inbox.shift();
  if (message) host.take(message);
  if (inbox.length > 0) setImmediate(takeOne);
};
port.on('message', (message: ToThread) => {
  inbox.push(message);
  if (inbox.length === 1) setImmediate(takeOne);
});
