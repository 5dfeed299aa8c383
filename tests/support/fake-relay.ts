import type { RelayRequest, RunningRelay } from '../../src/gateway/relay.ts';

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A request as its client sent it; `more` replaces parts. */
export const aRelayRequest = (more: Partial<RelayRequest> = {}): RelayRequest => {
  const value = { model: 'echo', messages: [{ role: 'user', content: 'hi' }] };
  return {
    api: 'chat',
    method: 'POST',
    target: '/chat/completions',
    headers: { 'content-type': 'application/json' },
    body: { type: 'bytes', bytes: Buffer.from(JSON.stringify(value)) },
    value,
    model: 'echo',
    stream: false,
    ...more,
  };
};

/** A request under way that is answered with `{}`; `more` replaces parts. */
export const aRunningRelay = (more: Partial<RunningRelay> = {}): RunningRelay => ({
  requestedNs: 0n,
  sentNs: 0n,
  connectMs: 0,
  resends: 0,
  server: { address: '127.0.0.1', port: 80 },
  model: 'echo',
  result: {
    type: 'answer',
    answer: {
      status: 200,
      headers: { 'content-type': 'application/json' },
      shownHeaders: { 'content-type': 'application/json' },
      bytes: bytesOf('{}'),
      hidesUsage: false,
    },
  },
  release: () => undefined,
  ...more,
});
