import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { CODEX_MODEL } from '../support/codex.ts';
import { DEFAULT_USAGE, REASONED_TEXT, REASONING_SUMMARY } from '../support/model-scripts.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

const { input, cached, written, output, reasoning } = DEFAULT_USAGE;
const USAGE = {
  input_tokens: input,
  input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: reasoning },
  total_tokens: input + output,
};

describe('reasoning of the real Codex', () => {
  const running = useCodexGateway();

  const asked = {
    model: CODEX_MODEL,
    input: 'Two and two? [[reasoning]]',
    reasoning: { effort: 'low', summary: 'auto' },
  } as const;
  const answered = [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: REASONING_SUMMARY }] },
    { type: 'message', content: [{ type: 'output_text', text: REASONED_TEXT }] },
  ];

  it('is an item of a whole response, before the message, with its tokens in the usage', async () => {
    const response = await running.openai.responses.create(asked);
    expect(response).toMatchObject({ status: 'completed', output: answered, usage: USAGE });
    expect(running.model.calls[0]?.body).toMatchObject({ reasoning: { effort: 'low', summary: 'auto' } });
  });

  it('is streamed part by part, and done before the message begins', async () => {
    const events: ResponseStreamEvent[] = [];
    for await (const event of await running.openai.responses.create({ ...asked, stream: true }))
      events.push(event);
    const thoughts = events.flatMap((event) =>
      event.type === 'response.reasoning_summary_text.delta' ? [event.delta] : [],
    );
    expect(thoughts.length).toBeGreaterThan(1);
    expect(thoughts.join('')).toBe(REASONING_SUMMARY);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('response.reasoning_summary_part.done')).toBeLessThan(
      types.indexOf('response.output_text.delta'),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: answered, usage: USAGE },
    });
  });

  it('has its tokens and the cached ones in the details of a chat’s usage, and no text of it in the answer', async () => {
    const completion = await running.openai.chat.completions.create({
      model: CODEX_MODEL,
      messages: [{ role: 'user', content: asked.input }],
    });
    expect(completion).toMatchObject({
      choices: [{ message: { content: REASONED_TEXT } }],
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        completion_tokens_details: { reasoning_tokens: reasoning },
      },
    });
  });

  it('with an effort that does not exist is a 400 that names the field as each API does, and Codex is not asked', async () => {
    const response = running.openai.responses.create({ ...asked, reasoning: { effort: '' as 'low' } });
    await expect(response).rejects.toMatchObject({ status: 400, param: 'reasoning.effort' });
    const completion = running.openai.chat.completions.create({
      model: CODEX_MODEL,
      messages: [{ role: 'user', content: 'x' }],
      reasoning_effort: '' as 'low',
    });
    await expect(completion).rejects.toMatchObject({ status: 400, param: 'reasoning_effort' });
    expect(running.model.calls).toHaveLength(0);
  });
});
