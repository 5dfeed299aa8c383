import { chat, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, startGateway } from '../support/gateway.ts';
import { type Loopback, listenOnLoopback, readJson } from '../support/loopback.ts';
import { spansOf } from '../support/records.ts';

const KEY = 'a-key-of-the-upstream';

/** An OpenAI-compatible server with one model, which says what it was asked. */
const createUpstream = async (
  seen: { authorization?: string | undefined; traceparent?: string | undefined }[],
): Promise<Loopback> =>
  listenOnLoopback((request, response) => {
    if (request.url === '/v1/models') {
      response.end(JSON.stringify({ data: [{ id: 'own-model' }] }));
      return;
    }
    seen.push({
      authorization: request.headers.authorization,
      traceparent: request.headers['traceparent'] as string,
    });
    void readJson(request).then((body) => {
      const { messages } = body as { messages: { content: unknown }[] };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const say = (chunk: object) => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      say({ choices: [{ delta: { content: `asked: ${JSON.stringify(messages.at(-1)?.content)}` } }] });
      say({ choices: [{ delta: {}, finish_reason: 'stop' }] });
      say({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } });
      response.end('data: [DONE]\n\n');
    });
  });

describe('a model of the user, behind the embedded app-server', () => {
  const seen: { authorization?: string | undefined; traceparent?: string | undefined }[] = [];
  let upstream: Loopback;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    upstream = await createUpstream(seen);
    gateway = await startGateway({ PROXY_UPSTREAM_URL: `${upstream.url}/v1`, PROXY_UPSTREAM_API_KEY: KEY });
  });
  afterAll(async () => {
    await gateway?.remove();
    await upstream?.close();
  });

  it('is listed, and answers, in the trace of the request and with the key that is set', async () => {
    const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: unknown[] };
    expect(models.data).toEqual([expect.objectContaining({ id: 'own-model' })]);
    const { text, reqId } = await chat(gateway.url, {
      model: 'own-model',
      stream: true,
      messages: user('hello'),
    });
    expect(streamedText(text)).toContain('hello');
    expect(seen[0]?.authorization).toBe(`Bearer ${KEY}`);
    const [record] = await gateway.usageOf(reqId);
    expect(record?.usage).toMatchObject({ input_tokens: 7, output_tokens: 3, total_tokens: 10 });
    expect(seen[0]?.traceparent).toContain(record?.trace_id);
    await gateway.waitForMirror((lines) =>
      spansOf(lines, reqId).some(({ name }) => name === 'chat own-model'),
    );
  });

  it('leaves no echo model to ask for', async () => {
    const { status, text } = await chat(gateway.url, { model: 'throughline-echo', messages: user('hello') });
    expect([status, JSON.parse(text).error.code]).toEqual([404, 'model_not_found']);
  });

  it('never shows its key', async () => {
    await gateway.stop();
    expect(JSON.stringify([await gateway.mirror(), await gateway.usage(), gateway.log])).not.toContain(KEY);
  });

  it('that is not there is what the log points at', async () => {
    const waiting = await startGateway({ PROXY_UPSTREAM_URL: 'http://127.0.0.1:9/v1' }, isListening);
    await waiting.waitForLog(({ msg }) => msg.includes('see PROXY_UPSTREAM_URL'));
    await waiting.remove();
  });
});
