import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GIVE_UP_MS } from './give-up.ts';
import { createWaiters } from './wait-until.ts';

type Params = Record<string, unknown>;
export type TraceEnvelope = { traceparent: string; tracestate?: string };
export type Notification = { at: number; method: string; params: Params };
export type ServerRequest = { id: number | string; method: string; params: Params };

/** A JSON-RPC client for an app-server's stdio, small and independent of the gateway's, so that a test can tell which one is wrong. */
export type AppServerClient = {
  child: ChildProcess;
  notifications: readonly Notification[];
  serverRequests: readonly ServerRequest[];
  stderr(): string;
  call<R extends Params = Params>(method: string, params: Params, trace?: TraceEnvelope): Promise<R>;
  notify(method: string, params?: Params): void;
  waitFor(find: (notification: Notification) => boolean): Promise<Notification>;
  /** Closes stdin and waits for the process to end by itself: a killed Codex loses its last spans. */
  close(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

export type AppServerClientOptions = {
  argv: [string, ...string[]];
  env: Record<string, string>;
  /** The `result` for a request that the server makes of us. */
  answer?: (request: ServerRequest) => Params;
};

export function startAppServer({ argv, env, answer = () => ({}) }: AppServerClientOptions): AppServerClient {
  const [program, ...args] = argv;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const notifications: Notification[] = [];
  const serverRequests: ServerRequest[] = [];
  const pending = new Map<number, PromiseWithResolvers<Params>>();
  const waiters = createWaiters();
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null, cause?: Error) => {
      for (const call of pending.values())
        call.reject(new Error(`the app-server ended (${code ?? signal})`, { cause }));
      pending.clear();
      resolve({ code, signal });
    };
    child.once('exit', end);
    child.once('error', (error) => end(null, null, error));
  });
  let stderr = '';
  let lastId = 0;

  const send = (message: Params) => child.stdin.write(`${JSON.stringify(message)}\n`);
  child.stdin.on('error', () => undefined);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Partial<ServerRequest> & {
      result?: Params;
      error?: { message: string };
    };
    const { id, method, params = {} } = message;
    if (method !== undefined && id !== undefined) {
      const request = { id, method, params };
      serverRequests.push(request);
      send({ id, result: answer(request) });
    } else if (method !== undefined) {
      notifications.push({ at: Date.now(), method, params });
    } else {
      const call = pending.get(Number(id));
      pending.delete(Number(id));
      if (message.error !== undefined) call?.reject(new Error(JSON.stringify(message.error)));
      else call?.resolve(message.result ?? {});
    }
    waiters.notify();
  });

  return {
    child,
    notifications,
    serverRequests,
    stderr: () => stderr,
    call<R extends Params>(method: string, params: Params, trace?: TraceEnvelope) {
      lastId += 1;
      const call = Promise.withResolvers<Params>();
      pending.set(lastId, call);
      send({ id: lastId, method, params, ...(trace === undefined ? {} : { trace }) });
      return call.promise as Promise<R>;
    },
    notify(method, params) {
      send({ method, ...(params === undefined ? {} : { params }) });
    },
    waitFor: (find) =>
      waiters.until(
        () => notifications.find(find),
        () =>
          `a notification among ${notifications.map(({ method }) => method).join(', ')}; stderr: ${stderr}`,
      ),
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), GIVE_UP_MS);
      const end = await exited;
      clearTimeout(timer);
      return end;
    },
  };
}
