import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources';
import { CODEX_MODEL } from '../support/codex.ts';
import { TOOL_FINAL_TEXT } from '../support/model-scripts.ts';
import { eventsOf, ownSpansOf } from '../support/records.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

const tool = (name: string): ChatCompletionTool => ({
  type: 'function',
  function: {
    name,
    description: `${name} of the client`,
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
});

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The official client, the real Codex, and a model server of ours behind it. */
describe('tools of the client on the real Codex', () => {
  const running = useCodexGateway();

  const base = { model: CODEX_MODEL, tools: [tool('get_weather'), tool('get_time')] };
  const user = (content: string): ChatCompletionMessageParam[] => [{ role: 'user', content }];

  /** Every turn of the request was over, and its thread let go, before anything else was asked of Codex. */
  const expectReleased = async (reqId: string | null | undefined) => {
    const id = String(reqId);
    const lines = await running.gateway.waitForMirror(
      (all) => ownSpansOf(all, id).some(({ name }) => name === 'thread/unsubscribe') && all,
    );
    const saw = eventsOf(lines, id).map(({ payload }) => payload as { method?: string } | null);
    expect(saw.filter((payload) => payload?.method === 'turn/completed')).toHaveLength(1);
    await running.gateway.waitForMirror((all) =>
      all.some(
        (line) =>
          line.type === 'event' &&
          line.req_id === id &&
          (line.payload as { method?: string } | null)?.method === 'thread/closed',
      ),
    );
  };

  it('a conversation of two steps ends with what the model makes of the result', async () => {
    const messages = user('The weather? [[tool]]');
    const { data: first, request_id } = await running.openai.chat.completions
      .create({ ...base, messages })
      .withResponse();
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.tool_calls).toEqual([
      {
        id: 'call_resp_1_0',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Paris","unit":"C"}' },
      },
    ]);
    expect(first.usage).toMatchObject({ prompt_tokens: 120, completion_tokens: 30, total_tokens: 150 });
    await expectReleased(request_id);
    expect(running.model.calls).toHaveLength(1);

    const { data: second, request_id: secondId } = await running.openai.chat.completions
      .create({
        ...base,
        messages: [
          ...messages,
          ...(choice ? [choice.message] : []),
          { role: 'tool', tool_call_id: 'call_resp_1_0', content: 'sunny' },
        ],
      })
      .withResponse();
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: TOOL_FINAL_TEXT } });
    expect(running.model.calls).toHaveLength(2);
    expect(running.model.calls[1]?.body.input.slice(-2)).toMatchObject([
      { type: 'function_call', call_id: 'call_resp_1_0', name: 'get_weather' },
      { type: 'function_call_output', call_id: 'call_resp_1_0', output: 'sunny' },
    ]);
    await expectReleased(secondId);
  });

  it('several calls of one response come together, in order, whole and streamed', async () => {
    const expected = [
      ['get_weather', '{"city":"Paris"}'],
      ['get_time', '{"zone":"CET"}'],
      ['get_weather', '{"city":"Oslo"}'],
    ];
    for (const ask of ['whole', 'streamed']) {
      running.model.reset();
      const messages = user(`${ask} [[tools]]`);
      const completion =
        ask === 'whole'
          ? await running.openai.chat.completions.create({ ...base, messages })
          : await running.openai.chat.completions
              .stream({ ...base, messages, stream_options: { include_usage: true } })
              .finalChatCompletion();
      const [choice] = completion.choices;
      expect(choice?.finish_reason).toBe('tool_calls');
      expect(choice?.message.content).toBe('Let me look at the folder first.');
      const calls = choice?.message.tool_calls ?? [];
      expect(
        calls.map((call) => call.type === 'function' && [call.function.name, call.function.arguments]),
      ).toEqual(expected);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
      expect(completion.usage?.total_tokens).toBe(150);
      expect(running.model.calls).toHaveLength(1);
    }
  });

  it('the openai package’s own tool loop runs to its end', async () => {
    const asked: string[] = [];
    const runner = running.openai.chat.completions.runTools({
      model: CODEX_MODEL,
      messages: user('The weather? [[tools]]'),
      tools: ['get_weather', 'get_time'].map((name) => ({
        type: 'function' as const,
        function: {
          name,
          description: name,
          parameters: { type: 'object' as const, properties: {} },
          parse: JSON.parse,
          function: (given: object) => {
            asked.push(`${name} ${JSON.stringify(given)}`);
            return 'sunny';
          },
        },
      })),
    });
    expect(await runner.finalContent()).toBe(TOOL_FINAL_TEXT);
    expect(asked).toHaveLength(3);
    expect(running.model.calls).toHaveLength(2);
  });

  it('the tokens of a command before the call are counted, too', async () => {
    const { data, request_id } = await running.openai.chat.completions
      .create({ ...base, messages: user('[[shell-tool]]') })
      .withResponse();
    expect(data.choices[0]?.finish_reason).toBe('tool_calls');
    expect(data.usage?.total_tokens).toBe(300);
    await expectReleased(request_id);
    const spans = ownSpansOf(await running.gateway.mirror(), String(request_id)).map(({ name }) => name);
    expect(spans.filter((name) => name.startsWith('execute_tool'))).toEqual(['execute_tool shell']);
  });

  it('a tool that has the name of one of Codex’s own is the client’s all the same', async () => {
    running.model.enqueue({ steps: [{ do: 'call', name: 'client_exec_command', arguments: { cmd: 'ls' } }] });
    const completion = await running.openai.chat.completions.create({
      model: CODEX_MODEL,
      tools: [tool('exec_command')],
      messages: user('run it'),
    });
    expect(completion.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: 'exec_command', arguments: '{"cmd":"ls"}' } },
    ]);
  });

  it('arguments that are no JSON go back to the model, and a tool that nobody has is refused', async () => {
    running.model.enqueue(
      { steps: [{ do: 'call', name: 'get_weather', arguments: '{bad' }] },
      { steps: [{ do: 'call', name: 'no_such_tool', arguments: {} }] },
    );
    const { data, request_id } = await running.openai.chat.completions
      .create({ ...base, messages: user('[[plain]]') })
      .withResponse();
    expect(data.choices[0]?.finish_reason).toBe('stop');
    expect(running.model.calls).toHaveLength(3);
    await expectReleased(request_id);
    const events = eventsOf(await running.gateway.mirror(), String(request_id));
    const blocks = events.flatMap(({ kind, payload }) => (kind === 'tool_block' ? [payload] : []));
    expect(blocks).toMatchObject([
      { step: 'start', name: 'get_weather' },
      { step: 'arguments', arguments: '{bad' },
      { step: 'result', result: expect.stringContaining('failed to parse function arguments') },
      { step: 'start', name: 'no_such_tool' },
      { step: 'arguments', arguments: '{}' },
      { step: 'result', result: 'unsupported call: no_such_tool' },
    ]);
  });

  it('a schema that Codex cannot take is a 400 that names the tools', async () => {
    const parameters = { type: 'object', properties: { a: null } };
    const asked = running.openai.chat.completions.create({
      model: CODEX_MODEL,
      tools: [{ type: 'function', function: { name: 'broken', parameters } }],
      messages: user('x'),
    });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'invalid_value', param: 'tools' });
    expect(running.model.calls).toHaveLength(0);
  });

  it('structured output reaches the model as its text format', async () => {
    // Strict whatever the client says, so an open schema cannot stand for `json_object`.
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const completion = await running.openai.chat.completions.create({
      model: CODEX_MODEL,
      messages: user('[[schema]]'),
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
      reasoning_effort: 'low',
    });
    expect(JSON.parse(completion.choices[0]?.message.content ?? '')).toEqual({ city: 'Paris', degrees: 21 });
    expect(running.model.calls[0]?.body).toMatchObject({
      text: { format: { type: 'json_schema', strict: true, schema } },
      reasoning: { effort: 'low' },
    });
  });

  it('an image reaches the model, one that Codex would have to fetch is refused by the field', async () => {
    const ask = (url: string) =>
      running.openai.chat.completions.create({
        model: CODEX_MODEL,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is it?' },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
      });
    await ask(PIXEL);
    expect(running.model.calls[0]?.body.input.at(-1)?.content).toMatchObject([
      { type: 'input_text', text: 'What is it?' },
      { type: 'input_image', image_url: PIXEL },
    ]);
    await expect(ask('https://example.com/a.png')).rejects.toMatchObject({ status: 400, param: 'messages' });
  });

  it('a conversation of a system message alone is answered', async () => {
    const completion = await running.openai.chat.completions.create({
      model: CODEX_MODEL,
      messages: [{ role: 'system', content: 'Be brief.' }],
    });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(JSON.stringify(running.model.calls[0]?.body)).toContain('Be brief.');
  });
});
