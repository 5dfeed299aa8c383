import { resourceFromAttributes } from '@opentelemetry/resources';
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createRelayIo } from '../../src/backend/relay-io.ts';
import { sendRelay } from '../../src/egress/send-relay.ts';
import type { Client, Exchange, RelayAnswer } from '../../src/gateway/ports.ts';
import type { AnswerBytes } from '../../src/gateway/relay.ts';
import { createClock } from '../../src/telemetry/clock.ts';
import { FactQueue } from '../../src/telemetry/facts/queue.ts';
import { FactRecorder, newMarker } from '../../src/telemetry/facts/recorder.ts';
import { createMirrorWriter } from '../../src/telemetry/mirror/writer.ts';
import { spanLimits } from '../../src/telemetry/otel/span-limits.ts';
import { capturePolicy } from '../../src/telemetry/policy/index.ts';
import { openDetachedRequest } from '../../src/telemetry/request.ts';
import { createSanitizer } from '../../src/telemetry/sanitize.ts';
import { TelemetryCore } from '../../src/telemetry/worker/core.ts';
import { ThreadTally } from '../../src/telemetry/worker/thread-tally.ts';
import { BENCH_MODEL, streamedAnswer } from '../answers.ts';

/**
 * A program whose instructions are counted: relays a streamed answer as often as its argument says, and records each, with both threads'
 * work in one thread, and without a socket, a timer or a file. Prints what reached the client, the mirror and the export.
 */

const WORDS = 64;
const PIECES = streamedAnswer(WORDS).map((frame) => Buffer.from(frame));
const SENT = Buffer.concat(PIECES);
const HEADERS = { 'content-type': 'text/event-stream' };

const counted = { bytes: 0, lines: 0, spans: 0 };

const never = (): (() => void) => () => undefined;

const processor = (onEnd: () => void): SpanProcessor => ({
  onStart: () => undefined,
  onEnd,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
});

/** The gateway's telemetry: facts are copied on their way, as they are between threads. */
const createTelemetry = () => {
  const clock = createClock();
  const marker = newMarker();
  const countLine = (): boolean => ++counted.lines > 0;
  const core = new TelemetryCore({
    policy: capturePolicy('full', createSanitizer()),
    limits: spanLimits({}),
    mirror: {
      main: createMirrorWriter({ write: countLine }, clock),
      refused: createMirrorWriter({ write: countLine }, clock),
    },
    exporters: [processor(() => void counted.spans++)],
    resource: resourceFromAttributes({ 'service.name': 'throughline' }),
    marker,
    tally: new ThreadTally(ThreadTally.memory()),
  });
  const fail = (_fields: unknown, message: string): never => {
    throw new Error(message);
  };
  const queue: FactQueue = new FactQueue({
    post(facts) {
      core.take(structuredClone(facts));
      queue.handled();
    },
    timers: { now: () => 0, later: never },
    log: { error: fail, warn: fail, info: fail, debug: fail },
  });
  const recorder = new FactRecorder({ queue, capture: 'full', hasMirror: true, hasExport: true, marker });
  const tracer = new TracerProvider({ spanProcessors: [recorder] }).getTracer('guard');
  return { queue, deps: { tracer, recorder, clock } };
};

const createSink = (): Client => {
  let [headSent, bytesWritten] = [false, 0];
  return {
    bodiless: false,
    get headSent() {
      return headSent;
    },
    get headOut() {
      return headSent;
    },
    get bytesWritten() {
      return bytesWritten;
    },
    head() {
      headSent = true;
    },
    write(chunk) {
      bytesWritten += chunk.length;
      return null;
    },
    async end() {
      counted.bytes += bytesWritten;
      return true;
    },
    destroy: () => undefined,
  };
};

const bytes: AnswerBytes = {
  async each(take) {
    for (const piece of PIECES) await take(piece);
  },
  async *[Symbol.asyncIterator]() {
    yield* PIECES;
  },
};

const VALUE = { model: BENCH_MODEL, stream: true, messages: [{ role: 'user', content: 'Say words.' }] };

const relayOf = (nowNs: bigint): RelayAnswer => ({
  type: 'relay',
  request: {
    api: 'chat',
    method: 'POST',
    target: '/chat/completions',
    headers: {},
    body: { type: 'none' },
    value: VALUE,
    model: BENCH_MODEL,
    stream: true,
  },
  backend: { name: 'http', provider: 'openai', forwardsKey: false },
  running: {
    requestedNs: nowNs,
    sentNs: nowNs,
    connectMs: 0,
    resends: 0,
    server: { address: '127.0.0.1', port: 80 },
    model: BENCH_MODEL,
    result: {
      type: 'answer',
      answer: { status: 200, headers: HEADERS, shownHeaders: HEADERS, bytes, hidesUsage: false },
    },
    release: () => undefined,
  },
});

const { queue, deps } = createTelemetry();
const relayIo = createRelayIo({
  pace: { rest: () => null, turn: () => Promise.resolve() },
  later: never,
});

const stream = async (number: number): Promise<void> => {
  const reqId = `req_${String(number).padStart(8, '0')}`;
  const trace = openDetachedRequest(deps, {
    scope: { reqId, route: '/v1/chat/completions', method: 'POST', mode: 'chat_stream' },
    httpRoute: null,
    rejectedReqId: null,
    headers: {},
  });
  const receivedNs = trace.server.now();
  const exchange: Exchange = {
    reqId,
    trace,
    client: createSink(),
    signal: new AbortController().signal,
    receivedNs,
    remainingMs: () => 1,
    facts: {
      model: BENCH_MODEL,
      responseModel: null,
      responseId: null,
      backend: 'http',
      keyName: null,
      times: { queueMs: null, connectMs: null, headMs: null, upstreamMs: null },
      ignored: [],
      emulated: [],
    },
    receive: () => Promise.reject(new Error('there is nothing to receive')),
  };
  const relay = relayOf(receivedNs);
  const { outcome, status } = await sendRelay(exchange, relay, relayIo(exchange, relay));
  trace.settle(outcome, status);
  queue.flush();
};

const streams = Number(process.argv[2]);
for (let number = 0; number < streams; number++) await stream(number);
if (counted.bytes !== streams * SENT.length) throw new Error(`the client got ${counted.bytes} bytes`);
process.stdout.write(`${JSON.stringify(counted)}\n`);
