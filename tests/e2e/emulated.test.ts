import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionTool } from 'openai/resources';
import { CODEX_MODEL } from '../support/codex.ts';
import type { Step } from '../support/model-scripts.ts';
import { phaseCounts } from '../support/records.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

const tool = (name: string): ChatCompletionTool => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
});
const says = (text: string): { steps: Step[] } => ({ steps: [{ do: 'message', text }] });
const CALLS: { steps: Step[] } = { steps: [{ do: 'call', name: 'get_weather', arguments: {} }] };
const TOTAL = 150;

describe('what the gateway sees to for the real Codex', () => {
  const running = useCodexGateway();

  const base: Omit<ChatCompletionCreateParamsNonStreaming, 'stream'> & { tools: ChatCompletionTool[] } = {
    model: CODEX_MODEL,
    messages: [{ role: 'user', content: 'The weather?' }],
    tools: [tool('get_weather'), tool('get_time')],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  };
  const json: ChatCompletionCreateParamsNonStreaming = {
    model: base.model,
    messages: base.messages,
    response_format: { type: 'json_object' },
  };
  const offered = (call: number): string =>
    JSON.stringify(running.model.calls[call]?.body.tools?.map(({ name }) => name));
  const recordOf = async (id: string | null | undefined) => (await running.gateway.usageOf(String(id)))[0];

  it('a tool that is named is offered alone, and asked for once more where it was not called', async () => {
    running.model.enqueue(says('I would rather not.'), CALLS);
    const { data, response, request_id } = await running.openai.chat.completions.create(base).withResponse();
    expect(response.headers.get('x-throughline-emulated')).toBe('tool_choice');
    expect(data.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(data.usage?.total_tokens).toBe(2 * TOTAL);
    expect(offered(0)).toContain('get_weather');
    expect(offered(0)).not.toContain('get_time');
    const [first, second] = running.model.calls.map(({ body }) => JSON.stringify(body.input));
    expect(first).toContain('Answer by calling the tool get_weather');
    expect(second).toContain('I would rather not.');
    expect(second).toContain('You have not called a tool.');
    expect(await recordOf(request_id)).toMatchObject({
      outcome: 'completed',
      usage_source: 'provider',
      usage: { total_tokens: 2 * TOTAL },
    });
    expect(Object.values(phaseCounts(await running.gateway.mirror(), String(request_id)))).toEqual([
      1, 1, 1, 1, 1,
    ]);
  });

  it('a streamed answer holds nothing of the try that broke the rule, and tells the usage of both', async () => {
    running.model.enqueue(says('I would rather not.'), CALLS);
    const completion = await running.openai.chat.completions
      .stream({
        ...base,
        tools: base.tools,
        tool_choice: 'required',
        stream_options: { include_usage: true },
      })
      .finalChatCompletion();
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(completion.usage?.total_tokens).toBe(2 * TOTAL);
  });

  it.each([
    ['tool_not_called', base],
    ['invalid_json_answer', json],
  ] as const)(
    'two answers that break the rule are %s, streamed as well, with what they used',
    async (code, body) => {
      for (const stream of [false, true]) {
        running.model.reset();
        running.model.enqueue(says('No.'), says('No!'));
        const refused = await running.openai.chat.completions.create({ ...body, stream } as never).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        expect(refused).toMatchObject({ status: 502, code });
        expect(running.model.calls).toHaveLength(2);
        const { requestID } = refused as { requestID: string };
        expect(await recordOf(requestID)).toMatchObject({
          error_code: code,
          usage: { total_tokens: 2 * TOTAL },
        });
      }
    },
  );

  it('JSON is asked for once more where it was none', async () => {
    running.model.enqueue(says('Sure: {"a":1}'), says('{"a":1}'));
    const { data, response } = await running.openai.chat.completions.create(json).withResponse();
    expect(response.headers.get('x-throughline-emulated')).toBe('response_format');
    expect(data.choices[0]?.message.content).toBe('{"a":1}');
    expect(data.usage?.total_tokens).toBe(2 * TOTAL);
    const { output_text } = await running.openai.responses.create({
      model: CODEX_MODEL,
      input: '[[schema]]',
      text: { format: { type: 'json_object' } },
    });
    expect(JSON.parse(output_text)).toEqual({ city: 'Paris', degrees: 21 });
  });

  it('of several calls the first is given, where one at a time was asked for', async () => {
    const messages = [{ role: 'user' as const, content: '[[tools]]' }];
    const { choices } = await running.openai.chat.completions.create({
      ...base,
      messages,
      tools: base.tools,
      tool_choice: 'auto',
      parallel_tool_calls: false,
    });
    expect(choices[0]?.message.tool_calls).toHaveLength(1);
  });
});
