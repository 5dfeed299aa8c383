import { CODEX_MODEL } from '../support/codex.ts';
import { PARTIAL_TEXT, PLAIN_TEXT } from '../support/model-scripts.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

/** Codex with its retries, which our other tests set to none. */
describe('an answer of the real Codex whose first try broke off', () => {
  const running = useCodexGateway({ home: { retries: 1 } });
  beforeEach(() => {
    running.model.enqueue(
      { steps: [{ do: 'message', text: PARTIAL_TEXT }, { do: 'drop' }] },
      { steps: [{ do: 'message', text: PLAIN_TEXT }] },
    );
  });
  afterEach(() => expect(running.model.calls).toHaveLength(2));

  const chat = { model: CODEX_MODEL, messages: [{ role: 'user', content: 'hi' } as const] };

  it('is the second one alone where it is sent whole', async () => {
    const { choices } = await running.openai.chat.completions.create({ ...chat, stop: ['</never>'] });
    expect(choices).toMatchObject([{ finish_reason: 'stop', message: { content: PLAIN_TEXT } }]);
  });

  it('is one item of a response', async () => {
    const { output } = await running.openai.responses.create({ model: CODEX_MODEL, input: 'hi' });
    expect(output).toMatchObject([{ type: 'message', status: 'completed', content: [{ text: PLAIN_TEXT }] }]);
  });

  it('is the complete one of two items where a response is streamed', async () => {
    const { status, output } = await running.openai.responses
      .stream({ model: CODEX_MODEL, input: 'hi' })
      .finalResponse();
    expect(status).toBe('completed');
    expect(output).toMatchObject([
      { type: 'message', status: 'incomplete' },
      { type: 'message', status: 'completed', content: [{ text: PLAIN_TEXT }] },
    ]);
  });

  it('comes behind what had been sent where a chat is streamed', async () => {
    const { choices } = await running.openai.chat.completions.stream(chat).finalChatCompletion();
    const { content } = choices[0]?.message ?? {};
    expect(content?.endsWith(`\n\n${PLAIN_TEXT}`)).toBe(true);
  });
});
