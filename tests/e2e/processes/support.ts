import { request } from 'node:http';
import { text as readAll } from 'node:stream/consumers';
import { type GatewayProcess, type LogLine, startGateway } from '../../support/gateway.ts';

/** One process of a gateway, as `/healthz` tells. */
type Told = { pid: number; state: string; restarts: number; open_requests: number };
type Answered = { status: number; reqId: string; text: string };

export const MODEL = 'throughline-echo';

type Options = { method?: string; body?: unknown; headers?: Record<string, string>; signal?: AbortSignal };

/** Asks on a connection of its own: the next one goes to the next process. */
export const ask = (url: string, options: Options = {}): Promise<Answered> => {
  const { body, headers, signal, method = body === undefined ? 'GET' : 'POST' } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      ...{ method, agent: false, headers: { 'content-type': 'application/json', ...headers } },
      ...(signal && { signal }),
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const reqId = String(response.headers['x-request-id']);
      readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, reqId, text }), reject);
    });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
};

/** Begins a stream that does not end by itself; resolves when its head has come. */
export const hold = (url: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; reqId: string; leave(): void }>((resolve, reject) => {
    const sent = request(`${url}/v1/chat/completions`, {
      ...{ method: 'POST', agent: false, headers: { 'content-type': 'application/json', ...headers } },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.on('error', () => undefined).resume();
      resolve({
        status: response.statusCode ?? 0,
        reqId: String(response.headers['x-request-id']),
        leave: () => void sent.destroy(),
      });
    });
    sent.end(
      JSON.stringify({
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: '/say so\n/stall' }],
      }),
    );
  });

export const chat = (url: string, content: string, more: object = {}): Promise<Answered> =>
  ask(`${url}/v1/chat/completions`, {
    body: { model: MODEL, messages: [{ role: 'user', content }], ...more },
  });

export const healthOf = async (url: string): Promise<{ status: string; processes: Told[] }> =>
  JSON.parse((await ask(`${url}/healthz`)).text);

export const pidsOf = async (url: string): Promise<number[]> =>
  (await healthOf(url)).processes.map(({ pid }) => pid);

/** A gateway of two processes. */
export const startTwo = (env: Record<string, string> = {}): Promise<GatewayProcess> =>
  startGateway({ PROXY_PROCESSES: '2', ...env });

export const isRestart = ({ msg }: LogLine): boolean =>
  msg === 'a process of the gateway ended; it is started again';
export const isBack = ({ msg }: LogLine): boolean => msg === 'the process takes requests again';
