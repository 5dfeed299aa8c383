import { isAlive } from '../support/backend-process.ts';
import { chat, frames, post, streamedText, user } from '../support/chat.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import type { GatewayProcess } from '../support/gateway.ts';
import { PLAIN_TEXT } from '../support/model-scripts.ts';
import type { ModelServer } from '../support/model-server.ts';
import { eventsOf, kindsOf, phaseCounts } from '../support/records.ts';
import { untilGone } from '../support/until-gone.ts';

describe('the real Codex, killed in the middle of a turn', () => {
  let model: ModelServer;
  let gateway: GatewayProcess;
  let running: CodexGateway;

  beforeAll(async () => {
    running = await startCodexGateway();
    ({ gateway, model } = running);
  });
  afterAll(() => running?.remove());

  const codexPid = async (): Promise<number> => {
    const starts = (await gateway.mirror()).flatMap((line) =>
      line.type === 'event' && line.kind === 'backend_start' ? [line.payload as { pid: number }] : [],
    );
    return starts.at(-1)?.pid ?? Number.NaN;
  };
  const ask = (content: string, stream: boolean) =>
    chat(gateway.url, { model: CODEX_MODEL, stream, messages: user(content) });
  const expectExit = async (reqId: string, status: number): Promise<void> => {
    expect(await gateway.usageOf(reqId)).toMatchObject([
      { outcome: 'backend_exit', error_code: 'backend_exited', status_code: status },
    ]);
    expect(await gateway.accessLine(reqId)).toMatchObject({ outcome: 'backend_exit' });
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    const exits = eventsOf(await gateway.mirror(), reqId).filter(({ kind }) => kind === 'backend_exit');
    expect(exits).toMatchObject([{ payload: { code: null, signal: 'SIGKILL' } }]);
  };

  it('ends an answer without a word with 502, and the next request has another Codex', async () => {
    model.enqueue({ steps: [{ do: 'hang' }] });
    const asked = ask('before the first word', true);
    await model.waitForCall(() => true);
    process.kill(await codexPid(), 'SIGKILL');
    const { status, text, reqId } = await asked;
    expect([status, JSON.parse(text).error.code]).toEqual([502, 'backend_exited']);
    await expectExit(reqId, 502);
    expect(streamedText((await ask('plain', true)).text)).toBe(PLAIN_TEXT);
  });

  it('ends an answer that has begun with an error event', async () => {
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: CODEX_MODEL,
      stream: true,
      messages: user('[[hang]]'),
    });
    const reqId = response.headers.get('x-request-id') ?? '';
    await gateway.waitForMirror((lines) => kindsOf(lines, reqId).includes('client_sse'));
    process.kill(await codexPid(), 'SIGKILL');
    expect(frames(await response.text()).at(-1)).toMatchObject({
      error: { code: 'backend_exited', request_id: reqId },
    });
    await expectExit(reqId, 200);
  });

  it('does not outlive a gateway that is killed', async () => {
    const { text } = await ask('plain', true);
    expect(streamedText(text)).toBe(PLAIN_TEXT);
    const pid = await codexPid();
    expect(isAlive(pid)).toBe(true);
    await gateway.kill('SIGKILL');
    expect(await untilGone(pid)).toBe(true);
  });
});
