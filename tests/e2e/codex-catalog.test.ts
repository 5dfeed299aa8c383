import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources';
import type { ModelRequestBody } from '../support/model-request.ts';
import { TOOL_FINAL_TEXT } from '../support/model-scripts.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

const tool = (name: string): ChatCompletionTool => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
});

type Offered = { type: string; name?: string; tools?: Offered[] };

/** A newer model is told of its tools by an item of the input, in namespaces, an older one by `tools`. */
const offeredIn = ({ tools = [], input }: ModelRequestBody): unknown[] => {
  const added = input.flatMap((item) =>
    item.type === 'additional_tools' ? (item['tools'] as Offered[]) : [],
  );
  return [...(tools as Offered[]), ...added].flatMap((tool) => tool.tools ?? tool).map(({ name }) => name);
};

/** Models of Codex's own catalogue, which it would otherwise let call tools from inside of its `exec` alone. */
describe('tools of the client on the models of the catalogue', () => {
  const running = useCodexGateway();

  it.each(['gpt-6-sol', 'gpt-5.6-luna', 'gpt-5.5'])(
    'are called directly by %s, to the end of a loop',
    async (model) => {
      const tools = [tool('get_weather'), tool('get_time')];
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'The weather? [[tools]]' }];
      const first = await running.openai.chat.completions.create({ model, tools, messages });
      const [choice] = first.choices;
      const calls = choice?.message.tool_calls ?? [];
      expect(calls.map((call) => call.type === 'function' && call.function.name)).toEqual([
        'get_weather',
        'get_time',
        'get_weather',
      ]);
      for (const { id } of calls) expect(id).toMatch(/^call_resp_\d+_\d+$/);
      expect(first.usage?.total_tokens).toBe(150);
      const second = await running.openai.chat.completions.create({
        model,
        tools,
        messages: [
          ...messages,
          ...(choice ? [choice.message] : []),
          ...calls.map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'sunny' })),
        ],
      });
      expect(second.choices[0]).toMatchObject({
        finish_reason: 'stop',
        message: { content: TOOL_FINAL_TEXT },
      });
      expect(running.model.calls.map(({ body }) => body.model)).toEqual([model, model]);
      for (const { body } of running.model.calls)
        expect(offeredIn(body)).toEqual(expect.arrayContaining(['get_weather', 'get_time']));
    },
  );
});
