import { post, user } from '../support/chat.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import type { ModelServer } from '../support/model-server.ts';
import { kindsOf, phaseCounts, spansOf } from '../support/records.ts';

describe('a client that leaves the real Codex in the middle of an answer', () => {
  let model: ModelServer;
  let gateway: GatewayProcess;
  let running: CodexGateway;

  beforeAll(async () => {
    running = await startCodexGateway();
    ({ gateway, model } = running);
  });
  afterAll(() => running?.remove());

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
