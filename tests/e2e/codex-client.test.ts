import { type CodexHome, createCodexHome } from '../support/codex.ts';
import { agentTexts, type CodexRun, runCodexExec } from '../support/codex-exec.ts';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { createOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { eventsOf, ownSpansOf, phaseCounts } from '../support/records.ts';

const MODEL = 'throughline-echo';

/** The real Codex, unchanged, with this gateway as its model provider; behind the gateway is the embedded app-server. */
describe('the real Codex as a client', () => {
  let gateway: GatewayProcess;
  let receiver: OtlpReceiver;
  let home: CodexHome;

  beforeAll(async () => {
    receiver = await createOtlpReceiver();
    gateway = await startGateway();
    home = await createCodexHome({
      modelUrl: gateway.url,
      otlpUrl: receiver.url,
      // A search of the web is its provider's to run, and the gateway refuses it by name.
      extraConfig: 'web_search = "disabled"',
    });
  });
  afterAll(async () => {
    await gateway?.remove();
    await Promise.all([home?.remove(), receiver?.close()]);
  });

  /** What Codex did, and the requests that it made to do it, in order: `requests` of them at least. */
  const turn = async (
    prompt: string,
    requests = 1,
    args: string[] = [],
  ): Promise<{ run: CodexRun; reqIds: string[] }> => {
    const before = gateway.log.length;
    const run = await runCodexExec(home, prompt, ['-m', MODEL, ...args]);
    const made = () => gateway.log.slice(before).filter(({ kind }) => kind === 'access');
    await gateway.waitForLog(() => made().length >= requests);
    return { run, reqIds: made().map(({ req_id }) => String(req_id)) };
  };

  it('completes a turn: its prompt arrives, and the answer with its usage comes back', async () => {
    const { run, reqIds } = await turn('hello from Codex');
    expect(run).toMatchObject({ code: 0 });
    expect(agentTexts(run)).toEqual([expect.stringMatching(/^You said: hello from Codex \(after /)]);
    expect(run.events.at(-1)).toMatchObject({
      type: 'turn.completed',
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    expect(reqIds).toHaveLength(1);
  });

  it('that would rather have a websocket asks for one once, is told that there is none, and goes on over HTTP', async () => {
    const { run, reqIds } = await turn('hello', 2, ['-c', 'model_providers.mock.supports_websockets=true']);
    expect(agentTexts(run)).toEqual([expect.stringContaining('hello')]);
    const lines = await Promise.all(reqIds.map((reqId) => gateway.accessLine(reqId)));
    expect(lines.map(({ method, status_code }) => [method, status_code])).toEqual([
      ['GET', 426],
      ['POST', 200],
    ]);
  });

  it('gets reasoning and several messages as items of their own', async () => {
    const { run } = await turn('/think weighing it\n/say first\n/say second');
    expect(run).toMatchObject({ code: 0 });
    expect(agentTexts(run)).toEqual(['first', 'second']);
    expect(run.events.filter(({ item }) => item?.type === 'reasoning')).toMatchObject([
      { item: { text: 'weighing it' } },
    ]);
  });

  it('is told of a failure, within an answer as well', async () => {
    const { run } = await turn('/say half an answer\n/fail other');
    expect(run).toMatchObject({ code: 1 });
    expect(run.events.at(-1)).toMatchObject({ type: 'turn.failed' });
  });

  it('knows by its code that the conversation is too long', async () => {
    const { run } = await turn('/fail contextWindowExceeded');
    expect(run.events.at(-1)).toMatchObject({
      type: 'turn.failed',
      error: { message: expect.stringContaining('ran out of room') },
    });
  });

  it('runs a command that the model asks for, and goes on with its output', async () => {
    // The app-server behind the gateway knows the tool by this name, since Codex has one of its own called `exec_command`.
    const { run, reqIds } = await turn('/tool client_exec_command {"cmd":"echo seen-by-codex"}', 2);
    expect(run).toMatchObject({ code: 0 });
    expect(run.events).toContainEqual(
      expect.objectContaining({
        type: 'item.completed',
        item: expect.objectContaining({
          type: 'command_execution',
          aggregated_output: 'seen-by-codex\n',
          exit_code: 0,
        }),
      }),
    );
    expect(agentTexts(run)).toEqual([
      expect.stringMatching(/^The tool client_exec_command answered: .*seen-by-codex/s),
    ]);
    expect(reqIds).toHaveLength(2);
  });

  it('is one request with every phase, in the trace of Codex, and what it sent in vain is named', async () => {
    const { reqIds } = await turn('hello');
    const [reqId = ''] = reqIds;
    const access = await gateway.accessLine(reqId);
    expect(access).toMatchObject({ mode: 'responses_stream', outcome: 'completed', status_code: 200 });
    const names = receiver.byTrace(String(access['trace_id'])).map(({ service }) => service);
    expect(names).toContain('codex_exec');
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    const lines = await gateway.mirror();
    expect(Object.values(phaseCounts(lines, reqId))).toEqual([1, 1, 1, 1, 1]);
    const ingress = ownSpansOf(lines, reqId).find(({ name }) => name === 'http_ingress');
    const ignored = JSON.stringify(ingress?.otlp.attributes);
    for (const name of ['include', 'prompt_cache_key']) expect(ignored).toContain(name);
    expect(eventsOf(lines, reqId).filter(({ kind }) => kind === 'client_sse_done')).toHaveLength(1);
  });
});
