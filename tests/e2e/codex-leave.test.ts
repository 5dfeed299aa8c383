import type { MirrorLine } from '../../src/telemetry/mirror/line.ts';
import { post, user } from '../support/chat.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { PREAMBLE_TEXT } from '../support/model-scripts.ts';
import type { ModelServer } from '../support/model-server.ts';
import { eventsOf, kindsOf, phaseCounts, spansOf } from '../support/records.ts';

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

  it('while a command runs has in its record what is told of the usage in answer to the interrupt', async () => {
    model.enqueue({
      steps: [
        { do: 'message', text: PREAMBLE_TEXT },
        { do: 'shell', command: 'sleep 60' },
      ],
    });
    const controller = new AbortController();
    const response = await post(
      `${gateway.url}/v1/chat/completions`,
      { model: CODEX_MODEL, stream: true, messages: user('go') },
      { signal: controller.signal },
    );
    const reqId = response.headers.get('x-request-id') ?? '';
    const isTold = (words: string) => (lines: MirrorLine[]) =>
      eventsOf(lines, reqId).some(({ payload }) => JSON.stringify(payload ?? null).includes(words));
    await gateway.waitForMirror(isTold('"type":"commandExecution"'));
    controller.abort();
    expect(await gateway.usageOf(reqId)).toMatchObject([
      { outcome: 'client_disconnect', usage_source: 'partial', usage: { total_tokens: 150 } },
    ]);
  });
});
