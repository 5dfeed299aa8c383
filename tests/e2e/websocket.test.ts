import { fileURLToPath } from 'node:url';
import { chat, frames, post, streamedText, user } from '../support/chat.ts';
import { type GatewayProcess, isListening, isReady, startGateway } from '../support/gateway.ts';
import { freePort, type ListeningServer, startListening } from '../support/listening.ts';
import { kindsOf, phaseCounts } from '../support/records.ts';

const EMBEDDED = fileURLToPath(new URL('../../src/app-server/main.ts', import.meta.url));
const MODEL = 'throughline-echo';

describe('an app-server that listens on a websocket', () => {
  let port: number;
  let server: ListeningServer;
  let gateway: GatewayProcess;

  const listen = () => startListening([process.execPath, EMBEDDED, '--faults'], {}, port);
  const ask = (content: string, stream: boolean) =>
    chat(gateway.url, { model: MODEL, stream, messages: user(content) });

  beforeAll(async () => {
    port = await freePort();
    server = await listen();
    gateway = await startGateway({ PROXY_APP_SERVER_URL: server.url, PROXY_INTERRUPT_TIMEOUT_MS: '300' });
  });
  afterAll(async () => {
    await gateway?.remove();
    await server?.kill();
  });

  it('answers, streamed and plain', async () => {
    expect(streamedText((await ask('over the wire', true)).text)).toContain('over the wire');
    expect((await ask('over the wire', false)).text).toContain('over the wire');
  });

  it('that does not heed an interrupt loses that connection, and gets a new one', async () => {
    const controller = new AbortController();
    await post(
      `${gateway.url}/v1/chat/completions`,
      { model: MODEL, stream: true, messages: user('/deaf\n/stall') },
      { signal: controller.signal },
    );
    controller.abort();
    await gateway.waitForLog(({ msg }) => msg.startsWith('the backend is sick'));
    await gateway.waitForLog(({ msg }) => msg === 'the sick backend has ended');
    expect((await ask('over another wire', false)).text).toContain('over another wire');
  });

  it('that goes away ends what is in flight, and is found again when it comes back', async () => {
    const response = await post(`${gateway.url}/v1/chat/completions`, {
      model: MODEL,
      stream: true,
      messages: user('/say some words\n/stall'),
    });
    const reqId = response.headers.get('x-request-id') ?? '';
    await gateway.waitForMirror((lines) => kindsOf(lines, reqId).includes('client_sse'));
    await server.kill();
    const last = frames(await response.text()).at(-1);
    expect(last).toMatchObject({ error: { code: 'backend_exited', request_id: reqId } });
    await gateway.waitForMirror((lines) => phaseCounts(lines, reqId).usage_summary);
    expect(kindsOf(await gateway.mirror(), reqId)).toContain('backend_exit');

    server = await listen();
    await gateway.waitForLog(({ msg }) => msg === 'the backend is ready again');
    expect((await ask('back again', false)).text).toContain('back again');
  });

  it('that is not there yet is said to be, and reached once it is', async () => {
    const later = await freePort();
    const url = `ws://127.0.0.1:${later}`;
    const waiting = await startGateway({ PROXY_APP_SERVER_URL: url }, isListening);
    await waiting.waitForLog(({ msg }) => msg.includes(`cannot reach the app-server at ${url}`));
    const comes = await startListening([process.execPath, EMBEDDED], {}, later);
    try {
      await waiting.waitForLog(isReady);
      const { text } = await chat(waiting.url, { model: MODEL, messages: user('at last') });
      expect(text).toContain('at last');
    } finally {
      await waiting.remove();
      await comes.kill();
    }
  });
});
