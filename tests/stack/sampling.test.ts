import { PHASES } from '../../src/telemetry/phases.ts';
import { chat, post, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { MODEL, SERVER, startTracedGateway } from './support/gateway.ts';
import { findByTags, findRequest, hasSpans, untilFound } from './support/jaeger-query.ts';
import { poll } from './support/poll.ts';
import { sendSpan } from './support/send-span.ts';
import { type ClientTrace, clientTraces, isInShare } from './support/share.ts';
import { type LocalStack, startLocalStack } from './support/stack.ts';

const PERCENT = 10;
const REQUESTS = 200;
const AT_ONCE = 10;

/** Trace ids that the share of the rest does not keep: what is found of them was kept for another reason. */
const unlucky = (seed: string, count: number): ClientTrace[] =>
  clientTraces(seed, count * 5)
    .filter(({ traceId }) => !isInShare(traceId, PERCENT))
    .slice(0, count);

describe(`tail sampling at ${PERCENT} %`, () => {
  let stack: LocalStack;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    stack = await startLocalStack({ TAIL_SHARE_PERCENT: String(PERCENT), TAIL_DECISION_WAIT: '6s' });
    gateway = await startTracedGateway(stack.collector.otlpUrl);
  });

  afterAll(async () => {
    await gateway?.remove();
    await stack?.stop();
  });

  const ask = (content: string, trace: ClientTrace | undefined, headers: Record<string, string> = {}) =>
    chat(
      gateway.url,
      { model: MODEL, stream: true, messages: user(content) },
      { headers: { ...(trace && { traceparent: trace.header }), ...headers } },
    );

  const found = (reqId: string, ...names: string[]) =>
    untilFound(stack.jaeger.queryUrl, reqId, hasSpans(SERVER, ...names));

  const decidedAgainst = (): Promise<number> =>
    stack.collector.ownMetric('otelcol_processor_tail_sampling_global_count_traces_sampled', {
      decision: 'not_sampled',
    });

  const waiting = (): Promise<number> =>
    stack.collector.ownMetric('otelcol_processor_tail_sampling_sampling_traces_on_memory');

  it('keeps a request that fails, though its client sampled nothing', async () => {
    const [trace] = unlucky('unsampled', 1);
    const { reqId } = await ask('/fail serverOverloaded', trace, {
      traceparent: trace?.header.replace(/01$/, '00') ?? '',
    });
    const spans = await found(reqId, ...PHASES, 'app_server.turn');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([trace?.traceId]));
  });

  it('keeps a request that its client wants kept, though it sampled nothing', async () => {
    const [trace] = unlucky('unsampled and forced', 1);
    const traceparent = trace?.header.replace(/01$/, '00') ?? '';
    const { reqId } = await ask('keep me', trace, { traceparent, 'x-trace-force': '1' });
    await found(reqId, ...PHASES);
  });

  it.each([
    ['at once', '/fail serverOverloaded'],
    ['late in a stream', '/say some words\n/fail serverOverloaded'],
    ['long after its first spans were sent', '/say some words\n/wait 2000\n/fail other'],
    ['by the process ending', '/say some words\n/crash'],
  ])('keeps a request that fails %s, its first spans included', async (name, prompt) => {
    const [trace] = unlucky(name, 1);
    const { reqId } = await ask(prompt, trace);
    await found(reqId, ...PHASES, 'turn/start');
  });

  it('keeps every one of many that fail', async () => {
    const got = await Promise.all(
      unlucky('many', 20).map((trace) => ask('/say a word\n/fail serverOverloaded', trace)),
    );
    for (const { reqId } of got) await found(reqId, ...PHASES);
  });

  it('keeps a request whose client left', async () => {
    const [trace] = unlucky('left', 1);
    const leave = new AbortController();
    const response = await post(
      `${gateway.url}/v1/chat/completions`,
      { model: MODEL, stream: true, messages: user('/stall') },
      { headers: { traceparent: trace?.header ?? '' }, signal: leave.signal },
    );
    await response.body?.getReader().read();
    leave.abort();
    const spans = await found(response.headers.get('x-request-id') ?? '', 'client_egress');
    expect(spans.find(({ name }) => name === SERVER)?.attributes['outcome']).toBe('client_disconnect');
  });

  it('keeps a request that its client wants kept', async () => {
    const [trace] = unlucky('forced', 1);
    const { reqId } = await ask('keep me', trace, { 'x-trace-force': '1' });
    const spans = await found(reqId, ...PHASES);
    expect(spans.find(({ name }) => name === SERVER)?.attributes['throughline.trace.forced']).toBe(true);
  });

  it('keeps what took long', async () => {
    const [trace] = unlucky('slow', 1);
    const traceId = trace?.traceId ?? '';
    const span = { traceId, spanId: traceId.slice(16), name: 'slow', attributes: { mark: traceId } };
    await sendSpan(stack.collector.otlpUrl, { ...span, durationMs: 10_001 });
    await poll('the slow span', async () => {
      return (await findByTags(stack.jaeger.queryUrl, { mark: traceId })).length > 0;
    });
  });

  it('keeps a request that fails in a trace of which an earlier one was dropped', async () => {
    const [trace] = unlucky('two in one', 1);
    await poll('all decisions on others', async () => (await waiting()) === 0);
    const before = await decidedAgainst();
    const dropped = await ask('nothing to see', trace);
    await poll('a decision against it', async () => (await decidedAgainst()) > before);
    const kept = await ask('/fail serverOverloaded', trace);
    await found(kept.reqId, ...PHASES);
    expect(await findRequest(stack.jaeger.queryUrl, dropped.reqId)).toEqual([]);
  });

  it(`keeps exactly the share of ${REQUESTS} others that their trace ids say`, async () => {
    const traces = clientTraces('the rest', REQUESTS);
    const lucky = traces.filter(({ traceId }) => isInShare(traceId, PERCENT));
    expect(lucky.length).toBeGreaterThan(REQUESTS * 0.05);
    expect(lucky.length).toBeLessThan(REQUESTS * 0.2);
    const before = await decidedAgainst();
    const ids = new Map<string, string>();
    const left = [...traces];
    const client = async (): Promise<void> => {
      for (let trace = left.pop(); trace; trace = left.pop()) {
        ids.set((await ask('one of many', trace)).reqId, trace.traceId);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    for (const [reqId, traceId] of ids) {
      if (isInShare(traceId, PERCENT)) await found(reqId, ...PHASES);
    }
    const others = REQUESTS - lucky.length;
    await poll('all decisions', async () => (await decidedAgainst()) - before >= others);
    const kept = await Promise.all(
      [...ids].map(async ([reqId, traceId]) => {
        const spans = await findRequest(stack.jaeger.queryUrl, reqId);
        return spans.length > 0 ? traceId : null;
      }),
    );
    expect(kept.filter((traceId) => traceId !== null).sort()).toEqual(
      lucky.map(({ traceId }) => traceId).sort(),
    );
  });
});
