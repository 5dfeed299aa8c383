import { GatewayError } from '../../src/errors.ts';
import type { Client, Exchange, RequestTrace, RunningTurn } from '../../src/gateway/ports.ts';
import type { Turn, TurnEvent, Usage } from '../../src/gateway/turn.ts';
import type { Outcome, Phase } from '../../src/telemetry/phases.ts';
import { createFakeSpan, type FakeClock, type FakeSpan } from './fake-span.ts';

/** A client's end that keeps what it was sent. `onWrite` runs before each write: it may throw, or move the clock. */
/** What the client of a fake exchange is told to find its request by. */
export const IDS = { reqId: 'req_1', traceId: 'a'.repeat(32) };

/** The backend of a fake answer. */
export const BACKEND = { name: 'app-server', provider: 'codex' };

export type FakeClient = Client & {
  readonly sent: {
    status: number;
    headers: Record<string, string>;
    body: string;
    ended: boolean;
    destroyed: boolean;
  };
};

export type FakeClientOptions = {
  bodiless?: boolean;
  /** An earlier answer of its connection is still being sent. */
  behindAnother?: boolean;
  onWrite?: (chunk: string, count: number) => void;
  /** Resolves when there is room for more after a write. */
  room?: () => Promise<void>;
  /** What `end` resolves with: false for a client that had left. */
  complete?: boolean;
};

export const createFakeClient = (options: FakeClientOptions = {}): FakeClient => {
  const sent: FakeClient['sent'] = { status: 0, headers: {}, body: '', ended: false, destroyed: false };
  let writes = 0;
  return {
    sent,
    bodiless: options.bodiless ?? false,
    get headSent() {
      return sent.status !== 0;
    },
    get headOut() {
      return sent.status !== 0 && !options.behindAnother;
    },
    get bytesWritten() {
      return Buffer.byteLength(sent.body);
    },
    head: (status, headers) => void Object.assign(sent, { status, headers: { ...headers } }),
    write(chunk) {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      try {
        options.onWrite?.(text, ++writes);
      } catch (thrown) {
        return Promise.reject(thrown);
      }
      sent.body += text;
      return options.room?.() ?? null;
    },
    async end() {
      sent.ended = true;
      return options.complete ?? true;
    },
    destroy() {
      sent.destroyed = true;
    },
  };
};

export type FakeTrace = RequestTrace & {
  readonly server: FakeSpan;
  readonly phases: Map<Phase, FakeSpan>;
  readonly settled: { outcome: Outcome; sentStatus: number | null }[];
};

export const createFakeTrace = (clock: FakeClock = { ns: 0n }): FakeTrace => {
  const server = createFakeSpan('POST', { kind: 'SERVER', clock });
  const phases = new Map<Phase, FakeSpan>();
  const settled: FakeTrace['settled'] = [];
  return {
    traceId: server.traceId,
    service: 'throughline',
    server,
    phases,
    settled,
    scope: { reqId: 'req_1', route: '/v1/chat/completions', method: 'POST', mode: 'chat_stream' },
    phase(name, { kind = 'INTERNAL', attributes = {} } = {}) {
      if (phases.has(name)) throw new Error(`${name} was opened twice`);
      const span = createFakeSpan(name, { kind, attributes, clock });
      phases.set(name, span);
      return span;
    },
    setApart: () => undefined,
    settle: (outcome, sentStatus) => void settled.push({ outcome, sentStatus }),
  };
};

export type FakeExchange = Exchange & {
  readonly client: FakeClient;
  readonly trace: FakeTrace;
  /** The client leaves, or the time is over. */
  abort(error: GatewayError): void;
};

export const createFakeExchange = (
  options: FakeClientOptions & { clock?: FakeClock; receive?: Exchange['receive'] } = {},
): FakeExchange => {
  const controller = new AbortController();
  return {
    reqId: 'req_1',
    trace: createFakeTrace(options.clock),
    client: createFakeClient(options),
    signal: controller.signal,
    receivedNs: 0n,
    remainingMs: () => 600_000,
    facts: {
      model: 'echo',
      responseModel: null,
      responseId: null,
      backend: null,
      keyName: null,
      times: { queueMs: null, connectMs: null, headMs: null, upstreamMs: null },
      ignored: [],
      emulated: [],
    },
    receive: options.receive ?? (() => Promise.resolve({ type: 'models' })),
    abort: (error) => controller.abort(error),
  };
};

export const clientLeft = (): GatewayError => new GatewayError('client_disconnected', 'The client left.');

export const aTurn = (turn: Partial<Turn> = {}): Turn => ({
  model: 'echo',
  stream: true,
  answer: { api: 'chat', includeUsage: false },
  instructions: null,
  rules: null,
  history: [],
  input: [{ type: 'text', text: 'hello' }],
  tools: [],
  outputSchema: null,
  expected: null,
  format: null,
  toolChoice: null,
  parallelToolCalls: null,
  settings: {},
  effort: null,
  reasoningSummary: null,
  stop: [],
  ...turn,
});

export const aUsage: Usage = {
  input_tokens: 10,
  cached_input_tokens: 4,
  cache_write_input_tokens: 3,
  output_tokens: 6,
  reasoning_output_tokens: 2,
  total_tokens: 16,
};

/** What a backend says, event by event; an error in the list is thrown in its place. */
export async function* saying(...events: (TurnEvent | Error)[]): AsyncGenerator<readonly TurnEvent[]> {
  for (const event of events) {
    if (event instanceof Error) throw event;
    yield [event];
  }
}

/** A turn that runs, and says nothing where a test does not give it words. */
export const aRunningTurn = (running: Partial<RunningTurn> = {}): RunningTurn => ({
  conversationId: 'th',
  model: null,
  requestedNs: 0n,
  attach: () => undefined,
  events: saying(),
  release: () => undefined,
  stop: async () => ({ usage: null, isComplete: false }),
  ...running,
});

export const text = (delta: string, message = 0): Extract<TurnEvent, { type: 'text' }> => ({
  type: 'text',
  delta,
  message,
});
export const done: TurnEvent = { type: 'done', finishReason: 'stop' };
