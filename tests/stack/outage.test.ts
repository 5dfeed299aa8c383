import { PHASES } from '../../src/telemetry/phases.ts';
import { chat, post, streamedText, user } from '../support/chat.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { phaseCounts } from '../support/records.ts';
import { isWhole, MODEL, startTracedGateway } from './support/gateway.ts';
import { untilFound } from './support/jaeger-query.ts';
import { poll } from './support/poll.ts';
import { sendLogs } from './support/send-logs.ts';
import { type LocalStack, startLocalStack } from './support/stack.ts';

describe('when a part of the stack is away', () => {
  let stack: LocalStack;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    stack = await startLocalStack();
    gateway = await startTracedGateway(stack.collector.otlpUrl);
  });

  afterAll(async () => {
    await gateway?.remove();
    await stack?.stop();
  });

  const ask = async (content = 'hello'): Promise<string> => {
    const { reqId, status } = await chat(gateway.url, { model: MODEL, messages: user(content) });
    expect(status).toBe(200);
    return reqId;
  };
  const found = (reqId: string) => untilFound(stack.jaeger.queryUrl, reqId, isWhole);
  const queued = () =>
    stack.collector.ownMetric('otelcol_exporter_queue_size', { exporter: 'otlp_grpc/jaeger' });

  it('does without Tempo, also when its queue is full', async () => {
    const refused = () =>
      stack.collector.ownMetric('otelcol_exporter_enqueue_failed_spans', { exporter: 'otlp_grpc/tempo' });
    const ids = await poll('a full queue', async () => {
      const reqId = await ask();
      return (await refused()) > 0 && [reqId, await ask()];
    });
    for (const reqId of ids) await found(reqId);
  });

  it('does without Loki, and takes log records from everybody, also when its queue is full', async () => {
    const refused = () =>
      stack.collector.ownMetric('otelcol_exporter_enqueue_failed_log_records', {
        exporter: 'otlp_http/loki',
      });
    const send = () => sendLogs(stack.collector.otlpUrl, [{ body: { stringValue: 'x'.repeat(5_000) } }]);
    await poll('a full queue', async () => {
      expect(await send()).toBe(200);
      return (await refused()) > 0;
    });
    const before = await refused();
    await poll('more that does not fit', async () => {
      expect(await send()).toBe(200);
      return (await refused()) > before;
    });
    await found(await ask());
    expect(gateway.log.filter(({ msg }) => /log records/.test(String(msg)))).toEqual([]);
  });

  it('finds everything after Jaeger was away', async () => {
    const before = await ask();
    await found(before);
    await stack.jaeger.service().stop();
    const during = await Promise.all(Array.from({ length: 10 }, () => ask()));
    await poll('spans that wait', async () => (await queued()) > 0);
    await stack.jaeger.start();
    for (const reqId of [before, ...during, await ask()]) await found(reqId);
  });

  it('finds everything after both were away, since what waits is on disk', async () => {
    await stack.jaeger.service().stop();
    const other = await startTracedGateway(stack.collector.otlpUrl);
    const ids = await Promise.all(
      ['one', 'two', 'three'].map(async (content) => {
        const { reqId } = await chat(other.url, { model: MODEL, messages: user(content) });
        return reqId;
      }),
    );
    // The gateway sends its last spans before it ends, and the collector has taken them then.
    await other.remove();
    await stack.collector.service().stop();
    await stack.collector.start();
    await stack.jaeger.start();
    for (const reqId of ids) await found(reqId);
  });

  it('leaves the gateway unharmed when the collector is killed, and is heard of again', async () => {
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: MODEL,
      stream: true,
      messages: user('/say some words\n/wait 1000\n/say and more'),
    });
    await stack.collector.service().kill();
    const text = streamedText(await response.text());
    expect(text).toContain('some words');
    expect(text).toContain('and more');

    const ids = [response.headers.get('x-request-id') ?? ''];
    for (let more = 0; more < 5; more++) ids.push(await ask());
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
    const whole = Object.fromEntries(PHASES.map((phase) => [phase, 1]));
    for (const reqId of ids) {
      const [record] = await gateway.usageOf(reqId);
      expect(record?.outcome).toBe('completed');
      const counts = await gateway.waitForMirror((lines) => {
        const seen = phaseCounts(lines, reqId);
        return seen.usage_summary === 1 && seen;
      });
      expect(counts).toEqual(whole);
    }

    await stack.collector.start();
    await poll('a request that came through again', async () => {
      const reqId = await ask();
      return untilFound(stack.jaeger.queryUrl, reqId, isWhole, { timeoutMs: 5_000 });
    });
  });
});
