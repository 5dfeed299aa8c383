import { createHttpBackend, type HttpBackend } from '../../src/backend/http-upstream/http-backend.ts';
import type { HttpBackendSettings } from '../../src/gateway/http-backend-settings.ts';
import type { RelayRequest, RunningRelay } from '../../src/gateway/relay.ts';
import { createFakeSpan, type FakeSpan } from './fake-span.ts';
import { createFakeTimers, type FakeTimers } from './fake-timers.ts';
import { httpSettings } from './http-settings.ts';
import { noPace } from './pace.ts';

const TIMEOUTS = { connectMs: 5_001, firstByteMs: 30_001, idleMs: 10_001 };
/** Deadlines of the code: they run out when a test says so, whereas waits between attempts are over at once. */
const DEADLINES = new Set([...Object.values(TIMEOUTS), 1_000, 10_000, 3_000]);

export type TestBackend = {
  readonly backend: HttpBackend;
  readonly timers: FakeTimers;
  /** How long was waited between attempts, in milliseconds. */
  readonly waits: number[];
  readonly span: FakeSpan;
  /** `signal` and all else of the context have defaults. */
  relay(
    request?: Partial<RelayRequest>,
    options?: {
      model?: string | null;
      canFailOver?: boolean;
      signal?: AbortSignal;
      remainingMs?: () => number;
    },
  ): Promise<RunningRelay>;
};

export const relayRequestOf = (value: unknown, over: Partial<RelayRequest> = {}): RelayRequest => ({
  api: 'chat',
  method: 'POST',
  target: '/chat/completions',
  headers: { 'content-type': 'application/json', authorization: 'Bearer client-key' },
  body: { type: 'bytes', bytes: Buffer.from(JSON.stringify(value)) },
  value,
  model: (value as { model?: string }).model ?? null,
  stream: (value as { stream?: boolean }).stream ?? false,
  ...over,
});

/** A backend before a server of the test's. */
export const testBackend = (origin: string, over: Partial<HttpBackendSettings> = {}): TestBackend => {
  const timers = createFakeTimers();
  const waits: number[] = [];
  const later: typeof timers.later = (ms, run) => {
    if (DEADLINES.has(ms)) return timers.later(ms, run);
    waits.push(ms);
    queueMicrotask(run);
    return () => undefined;
  };
  const settings = httpSettings({ url: new URL(`${origin}/v1`), timeouts: TIMEOUTS, ...over });
  const backend = createHttpBackend(settings, {
    version: '1.2.3',
    pace: noPace,
    timers: { ...timers, later, wallMs: () => Date.now() },
    onReachability: () => undefined,
    random: () => 0,
  });
  let ns = 0n;
  const span = createFakeSpan('backend_submission', {
    clock: {
      get ns() {
        return ++ns;
      },
    },
  });
  return {
    backend,
    timers,
    waits,
    span,
    relay(
      request = {},
      { model = null, canFailOver = false, signal = new AbortController().signal, remainingMs } = {},
    ) {
      const context = { reqId: 'req_1', span, signal, ...(remainingMs && { remainingMs }) };
      return backend.relay(context, relayRequestOf({ model: 'm' }, request), model, canFailOver);
    },
  };
};

/** All that an answer says. */
export const bodyOf = async ({ result }: RunningRelay): Promise<string> => {
  if (result.type === 'failed') throw result.error;
  const chunks: Uint8Array[] = [];
  for await (const chunk of result.answer.bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

export const statusOf = ({ result }: RunningRelay): number | string =>
  result.type === 'answer' ? result.answer.status : result.error.code;
