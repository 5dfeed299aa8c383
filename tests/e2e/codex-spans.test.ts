import type { SpanLine } from '../../src/telemetry/mirror/line.ts';
import { chat, streamedText, user } from '../support/chat.ts';
import { CODEX_BIN, CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import { type GatewayProcess, runCli } from '../support/gateway.ts';
import { PLAIN_TEXT } from '../support/model-scripts.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { attributesOf, type OtlpAttribute, type ReceivedSpan } from '../support/otlp-spans.ts';
import { startAll } from '../support/start-all.ts';

/** As in the README: `CODEX_BIN` and nothing else says which backend. */
const CODEX_BIN_ALONE = { CODEX_BIN, PROXY_APP_SERVER_CMD: '' };

const ask = (gateway: GatewayProcess) =>
  chat(gateway.url, { model: CODEX_MODEL, stream: true, messages: user('[[plain]]') });

const traceOf = async (gateway: GatewayProcess, reqId: string): Promise<string> =>
  (await gateway.usageOf(reqId))[0]?.trace_id ?? '';

const mirrored = async (gateway: GatewayProcess, traceId: string): Promise<SpanLine[]> =>
  (await gateway.mirror()).filter((line) => line.type === 'span' && line.trace_id === traceId) as SpanLine[];

const isCodex = ({ service }: { service: string }): boolean => service === 'codex-app-server';

/** What must be the same in both places. */
const inMirror = ({ otlp, resource }: SpanLine) => ({
  ...comparable(otlp as unknown as ReceivedSpan['otlp']),
  resource: attributesOf((resource as { attributes: OtlpAttribute[] }).attributes),
});
const atCollector = ({ otlp, resource }: ReceivedSpan) => ({ ...comparable(otlp), resource });
const comparable = ({ spanId, parentSpanId, ...span }: ReceivedSpan['otlp']) => ({
  spanId,
  parentSpanId: parentSpanId || undefined,
  name: span.name,
  kind: span.kind,
  traceState: span.traceState,
  flags: span.flags,
  start: span.startTimeUnixNano,
  end: span.endTimeUnixNano,
  attributes: attributesOf(span.attributes),
});
const byId = <Span extends { spanId: string }>(spans: Span[]): Span[] =>
  [...spans].sort((a, b) => a.spanId.localeCompare(b.spanId));

describe('the real Codex that CODEX_BIN names, without an [otel] section', () => {
  let collector: OtlpReceiver;
  let running: CodexGateway;
  let gateway: GatewayProcess;
  let reqId: string;
  let spans: SpanLine[];
  let exported: ReceivedSpan[];

  beforeAll(async () => {
    collector = await createOtlpReceiver();
    running = await startCodexGateway({
      env: { ...CODEX_BIN_ALONE, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    ({ gateway } = running);
    const got = await ask(gateway);
    expect(streamedText(got.text)).toBe(PLAIN_TEXT);
    ({ reqId } = got);
    await gateway.stop();
    const traceId = await traceOf(gateway, reqId);
    spans = await mirrored(gateway, traceId);
    exported = collector.byTrace(traceId);
  });
  afterAll(async () => {
    await running?.remove();
    await collector?.close();
  });

  it('has its spans in the mirror, below our turn/start span', () => {
    const parents = new Map(spans.map((line) => [line.span_id, line.parent_span_id]));
    const callers = spans.filter(({ phase, service }) => phase === null && service === 'throughline');
    const ours = new Map(callers.map(({ span_id, name }) => [span_id, name]));
    const callerOf = (at: string | null | undefined): string | undefined =>
      at ? (ours.get(at) ?? callerOf(parents.get(at))) : undefined;
    const codex = spans.filter(isCodex);
    const found = codex.map(({ span_id }) => callerOf(span_id));
    expect(found.filter((name) => name === 'turn/start').length).toBeGreaterThan(20);
    expect(found).not.toContain(undefined);
  });

  it('has the same spans sent to the collector, each once, although it was told nothing of it', () => {
    const codex = exported.filter(isCodex);
    expect(codex.length).toBeGreaterThan(20);
    expect(byId(codex.map(atCollector))).toEqual(byId(spans.filter(isCodex).map(inMirror)));
    const ours = exported.filter(({ service }) => service === 'throughline').map(({ spanId }) => spanId);
    expect(new Set(ours).size).toBe(ours.length);
  });

  it('carries the request id on to the model', () => {
    expect(running.model.calls[0]?.headers['tracestate']).toBe(`throughline=${reqId}`);
  });

  it('can be read back: the page stays short, the document has all of them', async () => {
    const options = { cwd: gateway.cwd };
    const page = await runCli(['trace', '--req-id', reqId], options);
    expect(page.stdout).toContain('codex-app-server');
    const tree = page.stdout.split('\n\n')[1]?.split('\n') ?? [];
    expect(tree.length).toBeLessThan(70);
    const whole = await runCli(['trace', '--req-id', reqId, '--json'], options);
    for (const { span_id } of spans) expect(whole.stdout).toContain(`"${span_id}"`);
  });
});

/** One request, and what there is of it once the gateway and Codex have ended. */
const runOnce = async (options: Parameters<typeof startCodexGateway>[0]) => {
  const running = await startCodexGateway({ ...options, env: { ...CODEX_BIN_ALONE, ...options?.env } });
  try {
    const got = await ask(running.gateway);
    await running.gateway.stop();
    const traceId = await traceOf(running.gateway, got.reqId);
    return { text: streamedText(got.text), traceId, spans: await mirrored(running.gateway, traceId) };
  } finally {
    await running.remove();
  }
};

test('Codex reaches the mirror past a proxy, and past settings of the gateway that it does not bear', async () => {
  const { text, spans } = await runOnce({
    env: {
      NO_PROXY: '',
      HTTP_PROXY: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_SDK_DISABLED: 'true',
    },
  });
  expect(text).toBe(PLAIN_TEXT);
  expect(spans.filter(isCodex).length).toBeGreaterThan(20);
});

test('what the gateway does not sample, Codex does not export', async () => {
  const { text, spans } = await runOnce({ env: { OTEL_TRACES_SAMPLER: 'always_off' } });
  expect(text).toBe(PLAIN_TEXT);
  expect(spans.length).toBeGreaterThan(5);
  expect(spans.filter(isCodex)).toEqual([]);
});

test('an [otel] section of the user decides alone where the spans of Codex go', async () => {
  const [theirs, ours] = await startAll(createOtlpReceiver(), createOtlpReceiver());
  try {
    const { traceId, spans } = await runOnce({
      home: { otlpUrl: theirs.url },
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: ours.url },
    });
    expect(theirs.byTrace(traceId).filter(isCodex).length).toBeGreaterThan(20);
    expect(ours.byTrace(traceId).filter(isCodex)).toEqual([]);
    expect(spans.filter(isCodex)).toEqual([]);
  } finally {
    await Promise.all([theirs.close(), ours.close()]);
  }
});
