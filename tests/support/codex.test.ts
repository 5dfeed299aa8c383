import {
  type AppServerClient,
  type Notification,
  startAppServer,
  type TraceEnvelope,
} from './app-server-client.ts';
import { type CodexHome, createCodexHome } from './codex.ts';
import { FINAL_TEXT, PLAIN_TEXT, PREAMBLE_TEXT } from './model-scripts.ts';
import { createModelServer, type ModelServer } from './model-server.ts';
import { createOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts';
import { descendantsOf, drawTree } from './otlp-spans.ts';
import { startAll } from './start-all.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const TRACE = {
  traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
  tracestate: 'throughline=req_0123456789ab,vendor=x',
};

describe('the real Codex app-server, with no gateway before it', () => {
  let model: ModelServer;
  let otlp: OtlpReceiver;
  let home: CodexHome;
  let codex: AppServerClient;

  beforeAll(async () => {
    [model, otlp] = await startAll(createModelServer(), createOtlpReceiver());
    home = await createCodexHome({ modelUrl: model.url, otlpUrl: otlp.url });
    codex = startAppServer(home);
    await codex.call('initialize', {
      clientInfo: { name: 'throughline-tests', title: 'Throughline tests', version: '0' },
      capabilities: { experimentalApi: true, requestAttestation: false },
    });
    codex.notify('initialized');
  });

  afterAll(async () => {
    await codex?.close();
    await Promise.all([model?.close(), otlp?.close()]);
    await home?.remove();
  });

  /** Runs one turn on a new thread, and gives the notifications that belong to it. */
  async function runTurn(text: string, trace?: TraceEnvelope) {
    const { thread } = await codex.call<{ thread: { id: string } }>('thread/start', {
      ephemeral: true,
      approvalPolicy: 'never',
      sandbox: 'read-only',
      cwd: home.workdir,
    });
    const input = [{ type: 'text', text, text_elements: [] }];
    await codex.call('turn/start', { threadId: thread.id, input }, trace);
    const ofThread = ({ params }: Notification) => params.threadId === thread.id;
    await codex.waitFor((notification) => notification.method === 'turn/completed' && ofThread(notification));
    return codex.notifications.filter(ofThread);
  }

  test('a traced turn puts its own spans and its model call into our trace', async () => {
    const notifications = await runTurn('Say hello. [[plain]]', TRACE);
    expect(notifications.at(-1)?.params).toMatchObject({ turn: { status: 'completed' } });

    const deltas = notifications.filter(({ method }) => method === 'item/agentMessage/delta');
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.map(({ params }) => params.delta).join('')).toBe(PLAIN_TEXT);

    expect(model.calls).toHaveLength(1);
    expect(model.calls[0]?.headers.traceparent).toContain(TRACE_ID);
    expect(model.calls[0]?.headers.tracestate).toBe(TRACE.tracestate);

    const server = await otlp.waitFor((spans) =>
      spans.find((span) => span.traceId === TRACE_ID && span.kind === 'SERVER'),
    );
    expect(server).toMatchObject({
      name: 'turn/start',
      parentSpanId: PARENT_ID,
      service: 'codex-app-server',
      traceState: TRACE.tracestate,
      attributes: { 'rpc.system': 'jsonrpc', 'rpc.method': 'turn/start' },
    });
  });

  test('one turn may hold a preamble, a shell command that really runs, and a final message', async () => {
    const items = (await runTurn('Look at the folder. [[shell]]'))
      .filter(({ method }) => method === 'item/completed')
      .map(({ params }) => params.item);
    expect(items).toMatchObject([
      { type: 'userMessage' },
      { type: 'agentMessage', text: PREAMBLE_TEXT, phase: 'commentary' },
      { type: 'commandExecution', status: 'completed', exitCode: 0, aggregatedOutput: 'seen-by-the-shell\n' },
      { type: 'agentMessage', text: FINAL_TEXT, phase: 'final_answer' },
    ]);
  });

  test('it ends by itself when stdin closes, and its last spans are flushed', async () => {
    expect(await codex.close()).toMatchObject({ code: 0, signal: null });
    const spans = otlp.byTrace(TRACE_ID);
    const server = spans.find((span) => span.name === 'turn/start');
    const below = server === undefined ? [] : descendantsOf(server, spans).map(({ name }) => name);
    expect({ below, tree: drawTree(otlp.tree(TRACE_ID)) }).toMatchObject({
      below: expect.arrayContaining(['session_task.turn', 'run_turn', 'model_client.stream_responses_api']),
    });
  });
});
