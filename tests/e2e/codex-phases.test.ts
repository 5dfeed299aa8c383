import type { ResponseInputItem, ResponseOutputItem } from 'openai/resources/responses/responses';
import { CODEX_MODEL } from '../support/codex.ts';
import { FINAL_TEXT, PREAMBLE_TEXT } from '../support/model-scripts.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

/** What a message of the real Codex is meant as: words on the way, or the answer. */
describe('a preamble and a final message of the real Codex', () => {
  const running = useCodexGateway();

  const input = 'Look into it. [[shell]]';
  const answered = [
    { type: 'message', phase: 'commentary', content: [{ text: PREAMBLE_TEXT }] },
    { type: 'message', phase: 'final_answer', content: [{ text: FINAL_TEXT }] },
  ];

  it('say so in a whole response', async () => {
    const { output } = await running.openai.responses.create({ model: CODEX_MODEL, input });
    expect(output).toMatchObject(answered);
  });

  it('say so as each of them begins in a stream', async () => {
    const begun: ResponseOutputItem[] = [];
    const stream = running.openai.responses.stream({ model: CODEX_MODEL, input });
    stream.on('response.output_item.added', ({ item }) => begun.push(item));
    expect((await stream.finalResponse()).output).toMatchObject(answered);
    expect(begun).toMatchObject(answered.map(({ phase }) => ({ type: 'message', phase, content: [] })));
  });

  it('are handed back to the model as what they were meant', async () => {
    const { output } = await running.openai.responses.create({ model: CODEX_MODEL, input });
    running.model.reset();
    const next = [
      { role: 'user', content: input } as const,
      ...(output as ResponseInputItem[]),
      { role: 'user', content: 'And?' } as const,
    ];
    await running.openai.responses.create({ model: CODEX_MODEL, input: next });
    const sent = running.model.calls[0]?.body['input'] as { role?: string; phase?: string }[];
    expect(sent.filter(({ role }) => role === 'assistant')).toMatchObject([
      { phase: 'commentary' },
      { phase: 'final_answer' },
    ]);
  });
});
