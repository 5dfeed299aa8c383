import { chat, type Got, streamedText, user } from '../support/chat.ts';
import { CODEX_MODEL, type CodexHome, createCodexHome } from '../support/codex.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { lastUserText } from '../support/model-request.ts';
import { createModelServer, type ModelServer } from '../support/model-server.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { ALL_PHASES, eventsOf, ownSpansOf, phaseCounts, spansOf } from '../support/records.ts';

const COUNT = 50;

type Asked = Got & { word: string; traceId: string; stream: boolean };

/** Every second one streamed, each in a trace of its own, each with a word that is its own. */
const askAll = (gateway: GatewayProcess, model: string): Promise<Asked[]> =>
  Promise.all(
    Array.from({ length: COUNT }, async (_, index) => {
      const word = `word-${String(index).padStart(2, '0')}-${'x'.repeat(8)}`;
      const traceId = (index + 1).toString(16).padStart(32, 'a');
      const stream = index % 2 === 0;
      const got = await chat(
        gateway.url,
        { model, stream, messages: user(`my word is ${word}`) },
        { headers: { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` } },
      );
      return { ...got, word, traceId, stream };
    }),
  );

const textOf = ({ stream, text }: Asked): string =>
  stream ? streamedText(text) : JSON.parse(text).choices[0].message.content;

const expectOwnRecords = async (gateway: GatewayProcess, all: readonly Asked[]): Promise<void> => {
  const lines = await gateway.mirror();
  const words = all.map(({ word }) => word);
  for (const { reqId, traceId, word } of all) {
    const events = eventsOf(lines, reqId);
    expect(phaseCounts(lines, reqId)).toEqual(ALL_PHASES);
    expect([...new Set(events.map(({ trace_id }) => trace_id))]).toEqual([traceId]);
    expect([...new Set(ownSpansOf(lines, reqId).map(({ trace_id }) => trace_id))]).toEqual([traceId]);
    const said = JSON.stringify(events.map(({ payload }) => payload));
    expect(words.filter((other) => said.includes(other))).toEqual([word]);
  }
};

describe('fifty requests at once on one process, streamed and plain', () => {
  it('stay apart on the embedded app-server: answers, events, and spans on both sides', async () => {
    const gateway = await startGateway();
    try {
      const all = await askAll(gateway, 'throughline-echo');
      for (const asked of all) expect(textOf(asked)).toContain(asked.word);
      await gateway.stop();
      await expectOwnRecords(gateway, all);
      const lines = await gateway.mirror();
      for (const { reqId, traceId } of all) {
        const backend = spansOf(lines, reqId).filter(({ service }) => service === 'throughline-app-server');
        expect(
          backend.filter(({ name }) => name === 'app_server.turn').map(({ trace_id }) => trace_id),
        ).toEqual([traceId]);
      }
    } finally {
      await gateway.remove();
    }
  });
});

describe('fifty requests at once on the real Codex', () => {
  let model: ModelServer;
  let receiver: OtlpReceiver;
  let home: CodexHome;
  let gateway: GatewayProcess;
  let all: Asked[];

  beforeAll(async () => {
    model = await createModelServer();
    receiver = await createOtlpReceiver();
    home = await createCodexHome({ modelUrl: model.url, otlpUrl: receiver.url });
    gateway = await startGateway({
      ...home.env,
      // Fifty turns at once are over ten thousand spans of Codex: more than its queue takes by default.
      OTEL_BSP_MAX_QUEUE_SIZE: '65536',
      // For a turn that may run commands Codex starts a helper in its sandbox: fifty at once take seconds of CPU.
      PROXY_CONNECT_TIMEOUT_MS: '60000',
      PROXY_APP_SERVER_CMD: home.command,
      PROXY_CODEX_WORKDIR: home.workdir,
    });
    all = await askAll(gateway, CODEX_MODEL);
    await gateway.stop();
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), receiver?.close(), model?.close()]);
  });

  it('are all answered, each from a model call of its own in its own trace', () => {
    expect(all.map(({ status }) => status)).toEqual(Array(COUNT).fill(200));
    for (const { word, traceId, reqId } of all) {
      const calls = model.calls.filter(({ body }) => lastUserText(body).includes(word));
      expect(calls).toHaveLength(1);
      expect(calls[0]?.headers['traceparent']).toContain(traceId);
      expect(calls[0]?.headers['tracestate']).toContain(`throughline=${reqId}`);
    }
  });

  it('keep their events, their spans and the spans of Codex apart', async () => {
    await expectOwnRecords(gateway, all);
    const byTrace = Map.groupBy(receiver.spans(), (span) => span.traceId);
    for (const { traceId, reqId } of all) {
      const spans = byTrace.get(traceId) ?? [];
      expect(spans.length).toBeGreaterThan(20);
      expect([...new Set(spans.map(({ traceState }) => traceState))]).toEqual([`throughline=${reqId}`]);
    }
  });
});
