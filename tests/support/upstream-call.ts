import { type Connections, createConnections } from '../../src/backend/http-upstream/relay/connections.ts';
import {
  startCall,
  type UpstreamCall,
  type UpstreamFailure,
  type UpstreamHead,
} from '../../src/backend/http-upstream/relay/upstream-call.ts';
import type { GatewayError } from '../../src/errors.ts';
import type { RelayBody } from '../../src/gateway/relay.ts';
import { createFakeTimers } from './fake-timers.ts';

export const TIMEOUTS = { connectMs: 5_000, firstByteMs: 30_000, idleMs: 10_000 };

/** Calls to one server, with time that the test moves. */
export const createCaller = (origin: string) => {
  const timers = createFakeTimers();
  const connections: Connections = createConnections(origin, TIMEOUTS.connectMs);
  let ns = 0n;
  const deps = { backend: 'next', connections, timeouts: TIMEOUTS, timers, now: () => ++ns };
  return {
    timers,
    connections,
    close: () => connections.destroy(),
    call: (
      body: RelayBody = { type: 'none' },
      { signal = new AbortController().signal, fresh = false, method = 'POST' } = {},
    ): UpstreamCall =>
      startCall(deps, { method, path: '/v1/x?y=1', headers: { accept: 'a' }, body }, { signal, fresh }),
  };
};

export const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};
export const headOf = async (call: UpstreamCall): Promise<UpstreamHead> => {
  const head = await call.head;
  if (head.type === 'failed') throw head.error;
  return head;
};
export const failureOf = async (call: UpstreamCall): Promise<UpstreamFailure> => {
  const head = await call.head;
  if (head.type === 'head') throw new Error(`it answered ${head.status}`);
  return head;
};
export const thrownBy = (bytes: AsyncIterable<Uint8Array>): Promise<GatewayError> =>
  textOf(bytes).then(
    () => Promise.reject(new Error('it did not break off')),
    (error: GatewayError) => error,
  );
export const bytesBody = (text: string): RelayBody => ({ type: 'bytes', bytes: Buffer.from(text) });
