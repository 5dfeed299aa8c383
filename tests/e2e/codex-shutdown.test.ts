import { backendPid, untilDead } from '../support/backend-pid.ts';
import { frames, post, user } from '../support/chat.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { phaseCounts, spansOf } from '../support/records.ts';

describe('a gateway with the real Codex that is told to stop in the middle of an answer', () => {
  let collector: OtlpReceiver;
  let gateway: GatewayProcess;
  let running: CodexGateway;

  beforeAll(async () => {
    collector = await createOtlpReceiver();
    running = await startCodexGateway({
      home: { otlpUrl: collector.url },
      env: {
        // Long enough that only a flush at the end can bring the last spans.
        OTEL_BSP_SCHEDULE_DELAY: '60000',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        PROXY_DRAIN_MS: '200',
      },
    });
    ({ gateway } = running);
  });
  afterAll(async () => {
    await running?.remove();
    await collector?.close();
  });

  it('ends the stream with an error event, the turn, Codex, and has the spans of both sent', async () => {
    const pid = await backendPid(gateway);
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: CODEX_MODEL,
      stream: true,
      messages: user('[[hang]]'),
    });
    const reqId = response.headers.get('x-request-id') ?? '';
    const stopped = gateway.stop();
    expect(frames(await response.text()).at(-1)).toMatchObject({
      error: { code: 'shutting_down', request_id: reqId },
    });
    expect(await stopped).toEqual({ code: 0, signal: null });
    await untilDead(pid);
    const lines = await gateway.mirror();
    expect(phaseCounts(lines, reqId)).toMatchObject({ backend_io: 1, client_egress: 1, usage_summary: 1 });
    expect(spansOf(lines, reqId).map(({ name }) => name)).toContain('turn/interrupt');
    const [record] = await gateway.usage();
    expect(record).toMatchObject({ req_id: reqId, outcome: 'overloaded', error_code: 'shutting_down' });
    const services = collector
      .byTrace(record?.trace_id ?? '')
      .map(({ resource }) => resource['service.name']);
    expect(new Set(services).size).toBe(2);
  });
});
