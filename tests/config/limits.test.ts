import { readConfig } from '../../src/config/index.ts';

const limits = (env: Record<string, string>) => readConfig(env).limits;

test('every limit of the client side is a setting of its own', () => {
  const env = {
    PROXY_API_KEYS: 'a:1',
    PROXY_MAX_CONCURRENCY: '9',
    PROXY_SSE_MAX_CONCURRENCY: '8',
    PROXY_KEY_MAX_CONCURRENCY: '7',
    PROXY_QUEUE_MAX: '0',
    PROXY_QUEUE_WAIT_MS: '5',
    PROXY_BODY_TIMEOUT_MS: '6',
    PROXY_CLIENT_STALL_MS: '4',
    PROXY_DRAIN_MS: '0',
    PROXY_KEEPALIVE_MS: '3',
    PROXY_MAX_BODY_BYTES: '2048',
  };
  expect(limits(env)).toEqual({
    maxBodyBytes: 2048,
    maxConcurrency: 9,
    maxStreams: 8,
    maxPerKey: 7,
    queueMax: 0,
    queueWaitMs: 5,
    bodyTimeoutMs: 6,
    clientStallMs: 4,
    drainMs: 0,
    keepaliveMs: 3,
  });
});

test('of several keys each may have half, rounded up; a single one shares with nobody', () => {
  expect(limits({ PROXY_API_KEYS: 'a:1,b:2', PROXY_MAX_CONCURRENCY: '5' }).maxPerKey).toBe(3);
  expect(limits({ PROXY_API_KEYS: 'a:1' }).maxPerKey).toBeNull();
});

test('two keys of one name are one holder of a share', () => {
  expect(limits({ PROXY_API_KEYS: 'a:1,a:2' }).maxPerKey).toBeNull();
});

test('a share of a key where there are no keys is refused', () => {
  expect(() => limits({ PROXY_KEY_MAX_CONCURRENCY: '5' })).toThrow(
    'PROXY_KEY_MAX_CONCURRENCY=5 is not valid: only with PROXY_API_KEYS',
  );
});

test.each([
  'PROXY_MAX_CONCURRENCY',
  'PROXY_SSE_MAX_CONCURRENCY',
  'PROXY_QUEUE_WAIT_MS',
  'PROXY_KEEPALIVE_MS',
])('%s=0 is refused: nothing could ever be served', (name) => {
  expect(() => limits({ [name]: '0' })).toThrow(`${name}=0 is not valid`);
});
