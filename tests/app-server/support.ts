import { createInterface } from 'node:readline';
import type { ServerNotification } from '../../src/app-server-protocol/events.ts';
import type { TraceCarrier } from '../../src/app-server-protocol/index.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { createWaiters } from '../support/wait-until.ts';
import { openPipes, openSocket, spawnMain, type Transport } from './wires.ts';

export type Json = Record<string, unknown>;
export type Answer = { id: unknown; result?: Json; error?: { code: number; message: string } };
export type Ask = { id: number; method: string; params: Json };
export type Exit = { code: number | null; signal: string | null };

export type StartOptions = {
  transport?: Transport;
  args?: string[];
  /** Whether prompts may break things. */
  faults?: boolean;
  env?: Record<string, string>;
  /** What the client says to `item/tool/call` and approvals; undefined leaves them unanswered. */
  answer?: (ask: Ask) => Json | undefined;
};

/** The embedded app-server as a process, with a client at its other end. */
export type AppServer = {
  readonly lines: readonly string[];
  readonly notifications: readonly ServerNotification[];
  readonly asks: readonly Ask[];
  readonly diagnostics: readonly Json[];
  readonly exited: Promise<Exit>;
  /** Where it listens; on a websocket alone. */
  readonly url: Promise<string>;
  sendRaw(text: string): void;
  call(method: string, params?: unknown, trace?: unknown): Promise<Answer>;
  /** Like `call`, for a request that must succeed. */
  get<T = Json>(method: string, params?: unknown, trace?: unknown): Promise<T>;
  until<T>(find: () => T | undefined | false): Promise<T>;
  kill(signal: NodeJS.Signals): void;
  close(): Promise<Exit>;
};

/** A carrier that nobody else has; its parent span is never sent. */
export const newTrace = (index: number, flags = '01') => {
  const traceId = (index + 1).toString(16).padStart(32, 'a');
  const reqId = `req_${String(index).padStart(12, '0')}`;
  const traceparent = `00-${traceId}-00000000000000b1-${flags}`;
  const carrier: TraceCarrier = { traceparent, tracestate: `throughline=${reqId},other=1` };
  return { traceId, reqId, carrier };
};

export const startAppServer = (options: StartOptions = {}): AppServer => {
  const { transport = 'stdio', args = [], faults = true, env, answer } = options;
  const listen = transport === 'websocket' ? ['--listen', 'ws://127.0.0.1:0'] : [];
  const child = spawnMain(['--word-delay-ms', '0', ...(faults ? ['--faults'] : []), ...listen, ...args], env);
  const pending = new Map<number, PromiseWithResolvers<Answer>>();
  const waiters = createWaiters();
  const lines: string[] = [];
  const notifications: ServerNotification[] = [];
  const asks: Ask[] = [];
  const diagnostics: Json[] = [];
  const listening = Promise.withResolvers<string>();
  let lastId = 0;

  const exited = new Promise<Exit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  createInterface({ input: child.stderr }).on('line', (line) => {
    const said = line.startsWith('{') ? (JSON.parse(line) as Json) : { unexpected: line };
    diagnostics.push(said);
    if (said.msg === 'listening') listening.resolve(String(said.url));
    waiters.notify();
  });

  const receive = (line: string) => {
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line) as Json;
    if ('method' in message && 'id' in message) {
      const ask = message as Ask;
      asks.push(ask);
      const said = answer?.(ask);
      if (said) wire.send(JSON.stringify({ id: ask.id, ...said }));
    } else if ('method' in message) {
      notifications.push(message as ServerNotification);
    } else {
      pending.get(Number(message.id))?.resolve(message as Answer);
    }
  };
  const onMessage = (line: string) => {
    lines.push(line);
    receive(line);
    waiters.notify();
  };
  const wire =
    transport === 'stdio' ? openPipes(child, onMessage) : openSocket(child, listening.promise, onMessage);

  const call = (method: string, params?: unknown, trace?: unknown) => {
    lastId += 1;
    const waiting = Promise.withResolvers<Answer>();
    pending.set(lastId, waiting);
    wire.send(JSON.stringify({ id: lastId, method, params, ...(trace === undefined ? {} : { trace }) }));
    return waiting.promise;
  };
  // A process that fails to start fails its test at once.
  void exited.then(({ code }) => {
    const said = JSON.stringify(diagnostics.slice(0, 5));
    for (const { reject } of pending.values()) reject(new Error(`the process ended with ${code}: ${said}`));
  });

  return {
    ...{ lines, notifications, asks, diagnostics, exited, call, url: listening.promise, sendRaw: wire.send },
    async get<T>(method: string, params?: unknown, trace?: unknown) {
      const { result, error } = await call(method, params, trace);
      if (error) throw new Error(`${method}: ${error.message}`);
      return result as T;
    },
    until: (find) => waiters.until(find, () => lines.slice(-20).join('\n')),
    kill: (signal) => void child.kill(signal),
    close() {
      wire.close();
      return exited;
    },
  };
};

/** Gives `use` a receiver of spans, and closes it in any case. */
export const withReceiver = async (use: (receiver: OtlpReceiver) => Promise<void>): Promise<void> => {
  const receiver = await createOtlpReceiver();
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
};

export const exportTo = (receiver: OtlpReceiver) => ({
  THROUGHLINE_CAPTURE: 'full',
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_BSP_SCHEDULE_DELAY: '20',
});
export const mirrorTo = (receiver: OtlpReceiver) => ({
  THROUGHLINE_CAPTURE: 'full',
  THROUGHLINE_MIRROR_OTLP_ENDPOINT: `${receiver.url}/v1/traces`,
});
