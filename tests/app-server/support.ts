import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServerNotification, TraceCarrier, Turn } from '../../src/app-server-protocol.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { createWaiters } from '../support/wait-until.ts';

const MAIN = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));

export type Json = Record<string, unknown>;
export type Answer = { id: unknown; result?: Json; error?: { code: number; message: string } };
export type Ask = { id: number; method: string; params: Json };
export type Exit = { code: number | null; signal: string | null };

export type StartOptions = {
  args?: string[];
  env?: Record<string, string>;
  /** What the client says to `item/tool/call` and approvals; undefined leaves them unanswered. */
  answer?: (ask: Ask) => Json | undefined;
};

/** The embedded app-server as a process, with a client at its pipes. */
export type AppServer = {
  readonly lines: readonly string[];
  readonly notifications: readonly ServerNotification[];
  readonly asks: readonly Ask[];
  readonly diagnostics: readonly Json[];
  readonly exited: Promise<Exit>;
  sendRaw(text: string): void;
  call(method: string, params?: unknown, trace?: unknown): Promise<Answer>;
  /** Like `call`, for a request that must succeed. */
  get<T = Json>(method: string, params?: unknown, trace?: unknown): Promise<T>;
  until<T>(find: () => T | undefined | false): Promise<T>;
  kill(signal: NodeJS.Signals): void;
  close(): Promise<Exit>;
};

/** A parent that nobody else has. */
export const newTrace = (index: number, flags = '01', reqId = `req_${String(index).padStart(12, '0')}`) => {
  const traceId = (index + 1).toString(16).padStart(32, 'a');
  const carrier: TraceCarrier = {
    traceparent: `00-${traceId}-00000000000000b1-${flags}`,
    tracestate: `throughline=${reqId},other=1`,
  };
  return { traceId, reqId, carrier };
};

const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OTEL_|TRACE(PARENT|STATE)$|NODE_)/.test(name)),
  );

export const spawnMain = (args: string[], env: Record<string, string> = {}) =>
  spawn(process.execPath, [MAIN, ...args], {
    env: { ...cleanEnv(), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });

export const startAppServer = ({ args = [], env, answer }: StartOptions = {}): AppServer => {
  const child = spawnMain(['--word-delay-ms', '0', ...args], env);
  const pending = new Map<number, PromiseWithResolvers<Answer>>();
  const waiters = createWaiters();
  const lines: string[] = [];
  const notifications: ServerNotification[] = [];
  const asks: Ask[] = [];
  const diagnostics: Json[] = [];
  let lastId = 0;

  const exited = new Promise<Exit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  );
  const sendRaw = (text: string) => void child.stdin.write(`${text}\n`);
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stderr }).on('line', (line) => {
    diagnostics.push(line.startsWith('{') ? (JSON.parse(line) as Json) : { unexpected: line });
    waiters.notify();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    receive(line);
    waiters.notify();
  });

  const receive = (line: string) => {
    if (!line.startsWith('{')) return;
    const message = JSON.parse(line) as Json;
    if ('method' in message && 'id' in message) {
      const ask = message as Ask;
      asks.push(ask);
      const said = answer?.(ask);
      if (said) sendRaw(JSON.stringify({ id: ask.id, ...said }));
    } else if ('method' in message) {
      notifications.push(message as ServerNotification);
    } else {
      pending.get(Number(message.id))?.resolve(message as Answer);
    }
  };

  const call = (method: string, params?: unknown, trace?: unknown) => {
    lastId += 1;
    const waiting = Promise.withResolvers<Answer>();
    pending.set(lastId, waiting);
    sendRaw(JSON.stringify({ id: lastId, method, params, ...(trace === undefined ? {} : { trace }) }));
    return waiting.promise;
  };
  // A process that fails to start fails its test at once.
  void exited.then(({ code }) => {
    const said = JSON.stringify(diagnostics.slice(0, 5));
    for (const { reject } of pending.values()) reject(new Error(`the process ended with ${code}: ${said}`));
  });

  return {
    ...{ lines, notifications, asks, diagnostics, exited, sendRaw, call },
    async get<T>(method: string, params?: unknown, trace?: unknown) {
      const { result, error } = await call(method, params, trace);
      if (error) throw new Error(`${method}: ${error.message}`);
      return result as T;
    },
    until: (find) => waiters.until(find, 10_000, () => lines.slice(-20).join('\n')),
    kill: (signal) => void child.kill(signal),
    close() {
      child.stdin.end();
      return exited;
    },
  };
};

export const CLIENT_INFO = { name: 'jest', title: null, version: '9.9' };

export const initialize = (server: AppServer, trace?: unknown) =>
  server.get(
    'initialize',
    { clientInfo: CLIENT_INFO, capabilities: { experimentalApi: true, requestAttestation: false } },
    trace,
  );

export const text = (...parts: string[]) =>
  parts.map((part) => ({ type: 'text', text: part, text_elements: [] }));

/** A thread on an initialized server; gives its id. */
export const startThread = async (server: AppServer, params: Json = {}, trace?: unknown): Promise<string> => {
  const { thread } = await server.get<{ thread: { id: string } }>(
    'thread/start',
    { ephemeral: true, ...params },
    trace,
  );
  return thread.id;
};

const inTurn = (turnId: string) => (notification: ServerNotification) => {
  const { params } = notification;
  return 'turnId' in params ? params.turnId === turnId : 'turn' in params && params.turn.id === turnId;
};

export type RanTurn = {
  turnId: string;
  turn: Turn;
  /** All that was said, over all messages. */
  text: string;
  notifications: ServerNotification[];
};

export const beginTurn = async (
  server: AppServer,
  threadId: string,
  prompt: string,
  extra: Json = {},
  trace?: unknown,
) => {
  const input = prompt === '' ? [] : text(prompt);
  const { turn } = await server.get<{ turn: Turn }>('turn/start', { threadId, input, ...extra }, trace);
  return turn.id;
};

export const endOfTurn = async (server: AppServer, turnId: string): Promise<RanTurn> => {
  const turn = await server.until(() => {
    const end = server.notifications.find(
      (n) => n.method === 'turn/completed' && n.params.turn.id === turnId,
    );
    return end?.method === 'turn/completed' && end.params.turn;
  });
  const notifications = server.notifications.filter(inTurn(turnId));
  const deltas = notifications.map((n) => (n.method === 'item/agentMessage/delta' ? n.params.delta : ''));
  return { turnId, turn, text: deltas.join(''), notifications };
};

/** A turn from its start to its end. */
export const runTurn = async (
  server: AppServer,
  threadId: string,
  prompt: string,
  extra: Json = {},
  trace?: unknown,
) => endOfTurn(server, await beginTurn(server, threadId, prompt, extra, trace));

export const ofMethod = <M extends ServerNotification['method']>(
  notifications: readonly ServerNotification[],
  method: M,
) => notifications.filter((n): n is Extract<ServerNotification, { method: M }> => n.method === method);

/** Runs `use` with an initialized server, and ends it in any case. */
export const withServer = async (
  options: StartOptions,
  use: (server: AppServer) => Promise<void>,
): Promise<void> => {
  const server = startAppServer(options);
  try {
    await initialize(server);
    await use(server);
  } finally {
    await server.close();
  }
};

/** The same with a receiver of its spans, at both destinations' choice. */
export const withReceiver = async (use: (receiver: OtlpReceiver) => Promise<void>): Promise<void> => {
  const receiver = await createOtlpReceiver();
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
};

export const exportTo = (receiver: OtlpReceiver) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_BSP_SCHEDULE_DELAY: '20',
});
export const mirrorTo = (receiver: OtlpReceiver) => ({
  THROUGHLINE_MIRROR_OTLP_ENDPOINT: `${receiver.url}/v1/traces`,
});
