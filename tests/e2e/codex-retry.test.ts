import OpenAI from 'openai';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import { PARTIAL_TEXT, PLAIN_TEXT } from '../support/model-scripts.ts';

/** Codex with its retries, which our other tests set to none. */
describe('an answer of the real Codex whose first try broke off', () => {
  let running: CodexGateway;
  let openai: OpenAI;

  beforeAll(async () => {
    running = await startCodexGateway({ home: { retries: 1 } });
    openai = new OpenAI({ baseURL: `${running.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  beforeEach(() => {
    running.model.reset();
    running.model.enqueue(
      { steps: [{ do: 'message', text: PARTIAL_TEXT }, { do: 'drop' }] },
      { steps: [{ do: 'message', text: PLAIN_TEXT }] },
    );
  });
  afterEach(() => expect(running.model.calls).toHaveLength(2));
  afterAll(() => running?.remove());

  const chat = { model: CODEX_MODEL, messages: [{ role: 'user', content: 'hi' } as const] };

  it('is the second one alone where it is sent whole', async () => {
    const { choices } = await openai.chat.completions.create({ ...chat, stop: ['</never>'] });
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { content: PLAIN_TEXT } }]);
  });

  it('is one item of a response', async () => {
    const { output } = await openai.responses.create({ model: CODEX_MODEL, input: 'hi' });
    expect(output).toMatchObject([{ type: 'message', status: 'completed', content: [{ text: PLAIN_TEXT }] }]);
  });

  it('is the complete one of two items where a response is streamed', async () => {
    const { status, output } = await openai.responses
      .stream({ model: CODEX_MODEL, input: 'hi' })
      .finalResponse();
    expect(status).toBe('completed');
    expect(output).toMatchObject([
      { type: 'message', status: 'incomplete' },
      { type: 'message', status: 'completed', content: [{ text: PLAIN_TEXT }] },
    ]);
  });

  it('comes behind what had been sent where a chat is streamed', async () => {
    const { choices } = await openai.chat.completions.stream(chat).finalChatCompletion();
    const { content } = choices[0]?.message ?? {};
    expect(content?.endsWith(`\n\n${PLAIN_TEXT}`)).toBe(true);
  });
});
