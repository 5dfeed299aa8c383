import OpenAI from 'openai';
import type { ResponseInputItem, ResponseOutputItem } from 'openai/resources/responses/responses';
import { CODEX_MODEL } from '../support/codex.ts';
import { type CodexGateway, startCodexGateway } from '../support/codex-gateway.ts';
import { FINAL_TEXT, PREAMBLE_TEXT } from '../support/model-scripts.ts';

/** What a message of the real Codex is meant as: words on the way, or the answer. */
describe('a preamble and a final message of the real Codex', () => {
  let running: CodexGateway;
  let openai: OpenAI;

  beforeAll(async () => {
    running = await startCodexGateway();
    openai = new OpenAI({ baseURL: `${running.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  beforeEach(() => running.model.reset());
  afterAll(() => running?.remove());

  const input = 'Look into it. [[shell]]';
  const answered = [
    { type: 'message', phase: 'commentary', content: [{ text: PREAMBLE_TEXT }] },
    { type: 'message', phase: 'final_answer', content: [{ text: FINAL_TEXT }] },
  ];

  it('say so in a whole response', async () => {
    const { output } = await openai.responses.create({ model: CODEX_MODEL, input });
    expect(output).toMatchObject(answered);
  });

  it('say so as each of them begins in a stream', async () => {
    const begun: ResponseOutputItem[] = [];
    const stream = openai.responses.stream({ model: CODEX_MODEL, input });
    stream.on('response.output_item.added', ({ item }) => begun.push(item));
    expect((await stream.finalResponse()).output).toMatchObject(answered);
    expect(begun).toMatchObject(answered.map(({ phase }) => ({ type: 'message', phase, content: [] })));
  });

  it('are handed back to the model as what they were meant', async () => {
    const { output } = await openai.responses.create({ model: CODEX_MODEL, input });
    running.model.reset();
    const next = [
      { role: 'user', content: input } as const,
      ...(output as ResponseInputItem[]),
      { role: 'user', content: 'And?' } as const,
    ];
    await openai.responses.create({ model: CODEX_MODEL, input: next });
    const sent = running.model.calls[0]?.body['input'] as { role?: string; phase?: string }[];
    expect(sent.filter(({ role }) => role === 'assistant')).toMatchObject([
      { phase: 'commentary' },
      { phase: 'final_answer' },
    ]);
  });
});
