import { post, user } from '../support/chat.ts';
import { CODEX_MODEL, type CodexHome, createCodexHome } from '../support/codex.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createModelServer, type ModelServer } from '../support/model-server.ts';
import { kindsOf, phaseCounts, spansOf } from '../support/records.ts';

describe('a client that leaves the real Codex in the middle of an answer', () => {
  let model: ModelServer;
  let home: CodexHome;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    model = await createModelServer();
    home = await createCodexHome({ modelUrl: model.url });
    gateway = await startGateway({
      ...home.env,
      PROXY_APP_SERVER_CMD: home.command,
      PROXY_CODEX_WORKDIR: home.workdir,
    });
  }, 30_000);
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), model?.close()]);
  });

  it('has its turn interrupted, its model call ended and its thread let go', async () => {
    const controller = new AbortController();
    const response = await post(
      `${gateway.url}/v1/chat/completions`,
      { model: CODEX_MODEL, stream: true, messages: user('[[hang]]') },
      { signal: controller.signal },
    );
    const reqId = response.headers.get('x-request-id') ?? '';
    controller.abort();
    await model.waitForCall(({ ended }) => ended === 'left');
    await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).some(({ name }) => name === 'thread/unsubscribe'),
    );
    const lines = await gateway.mirror();
    expect(spansOf(lines, reqId).map(({ name }) => name)).toContain('turn/interrupt');
    expect(kindsOf(lines, reqId)).not.toContain('client_sse_done');
    expect(phaseCounts(lines, reqId)).toMatchObject({ backend_io: 1, client_egress: 1, usage_summary: 1 });
    expect(await gateway.usageOf(reqId)).toMatchObject([{ outcome: 'client_disconnect' }]);
  });
});
