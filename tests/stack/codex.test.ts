import { PHASES } from '../../src/telemetry/phases.ts';
import { chat, user } from '../support/chat.ts';
import { CODEX_MODEL, type CodexHome, createCodexHome } from '../support/codex.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { createModelServer, type ModelServer } from '../support/model-server.ts';
import { startAll } from '../support/start-all.ts';
import { isBelow, one, SERVER, startTracedGateway } from './support/gateway.ts';
import { hasSpans, untilFound } from './support/jaeger-query.ts';
import { type LocalStack, startLocalStack } from './support/stack.ts';

/** Codex exports by itself, to the same collector: its spans meet ours there for the first time. */
describe('a request on the real Codex, sent through the collector', () => {
  let stack: LocalStack;
  let model: ModelServer;
  let home: CodexHome;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    [stack, model] = await startAll(startLocalStack(), createModelServer());
    home = await createCodexHome({ modelUrl: model.url, otlpUrl: stack.collector.otlpUrl });
    gateway = await startTracedGateway(stack.collector.otlpUrl, {
      ...home.env,
      PROXY_APP_SERVER_CMD: home.command,
      PROXY_CODEX_WORKDIR: home.workdir,
    });
  });

  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), model?.close(), stack?.stop()]);
  });

  it("is found by its request id with Codex's own spans below our turn/start", async () => {
    const { reqId, status } = await chat(gateway.url, {
      model: CODEX_MODEL,
      stream: true,
      messages: user('[[shell]]'),
    });
    expect(status).toBe(200);
    const theirs = 'session_task.turn';
    const spans = await untilFound(stack.jaeger.queryUrl, reqId, hasSpans(SERVER, ...PHASES, theirs));
    const server = one(spans, SERVER);
    for (const phase of PHASES) expect(one(spans, phase).parentSpanId).toBe(server.spanId);
    const call = one(spans, 'turn/start');
    const codex = spans.filter((span) => !span.service.startsWith('throughline'));
    expect(codex.length).toBeGreaterThan(20);
    expect(codex.filter((span) => isBelow(span, call, spans)).length).toBeGreaterThan(20);
    // Nothing in it is a secret.
    const masked = spans.flatMap((span) => [span.attributes, ...span.events].flatMap(Object.entries));
    expect(masked.filter(([, value]) => String(value).includes('****'))).toEqual([]);
    expect(one(spans, 'execute_tool shell').parentSpanId).toBe(one(spans, 'backend_io').spanId);
  });
});
