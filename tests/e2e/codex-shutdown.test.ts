import { backendPid, untilDead } from '../support/backend-pid.ts';
import { frames, post, user } from '../support/chat.ts';
import { CODEX_MODEL, type CodexHome, createCodexHome } from '../support/codex.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createModelServer, type ModelServer } from '../support/model-server.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { phaseCounts, spansOf } from '../support/records.ts';

describe('a gateway with the real Codex that is told to stop in the middle of an answer', () => {
  let model: ModelServer;
  let collector: OtlpReceiver;
  let home: CodexHome;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    [model, collector] = await Promise.all([createModelServer(), createOtlpReceiver()]);
    home = await createCodexHome({ modelUrl: model.url, otlpUrl: collector.url });
    gateway = await startGateway({
      ...home.env,
      // Long enough that only a flush at the end can bring the last spans.
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      PROXY_APP_SERVER_CMD: home.command,
      PROXY_CODEX_WORKDIR: home.workdir,
      PROXY_DRAIN_MS: '200',
    });
  }, 30_000);
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), model?.close(), collector?.close()]);
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
