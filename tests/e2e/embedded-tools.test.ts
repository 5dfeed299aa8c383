import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources';
import { eventsOf, ownSpansOf } from '../support/records.ts';
import { useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';
const tool = (name: string): ChatCompletionTool => ({
  type: 'function',
  function: { name, description: name, parameters: { type: 'object', properties: {} } },
});
const PROMPT = '/say Let me see.\n/tool get_weather {"city":"Oslo"}\n/tool get_time {"zone":"CET"}\nWell?';

describe('tools of the client on the embedded app-server', () => {
  const running = useGateway();

  const base = { model: MODEL, tools: [tool('get_weather'), tool('get_time')] };
  const user = (content: string): ChatCompletionMessageParam[] => [{ role: 'user', content }];

  it('several calls end the answer together, and their results continue the conversation', async () => {
    const { data: first, request_id } = await running.openai.chat.completions
      .create({ ...base, messages: user(PROMPT) })
      .withResponse();
    const message = first.choices[0]?.message;
    expect(first.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Let me see.',
        tool_calls: [
          { function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
          { function: { name: 'get_time', arguments: '{"zone":"CET"}' } },
        ],
      },
    });
    expect(first.usage?.completion_tokens).toBe(5);
    const second = await running.openai.chat.completions.create({
      ...base,
      messages: [
        ...user(PROMPT),
        ...(message ? [message] : []),
        ...(message?.tool_calls ?? []).map(({ id }, index) => ({
          role: 'tool' as const,
          tool_call_id: id,
          content: ['sunny', 'noon'][index] ?? '',
        })),
      ],
    });
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop' });
    await running.gateway.waitForMirror((lines) =>
      ownSpansOf(lines, String(request_id)).some(({ name }) => name === 'thread/unsubscribe'),
    );
    const said = eventsOf(await running.gateway.mirror(), String(request_id)).map(
      ({ payload }) => payload as { method?: string; params?: { turn?: { status?: string } } } | null,
    );
    const ended = said.find((payload) => payload?.method === 'turn/completed');
    expect(ended?.params?.turn?.status).toBe('interrupted');
    expect(running.gateway.log.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('the tool loop of the openai package runs to its end', async () => {
    const runner = running.openai.chat.completions.runTools({
      model: MODEL,
      messages: user('/tool get_weather {"city":"Oslo"}\n/tool get_weather {"city":"Rome"}'),
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: '',
            parameters: { type: 'object', properties: {} },
            parse: JSON.parse,
            function: ({ city }: { city: string }) => `sunny in ${city}`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe(
      'The tool get_weather answered: sunny in Oslo\nThe tool get_weather answered: sunny in Rome',
    );
  });

  it.each([
    ['/say one two\n/fail contextWindowExceeded', 'length', 'one two'],
    ['/say one two\n/fail cyberPolicy', 'content_filter', 'one two'],
    ['/fail misalignmentPolicyViolation', 'content_filter', ''],
  ])('%j ends the answer with %s', async (prompt, finish_reason, content) => {
    const completion = await running.openai.chat.completions.create({ model: MODEL, messages: user(prompt) });
    expect(completion.choices[0]).toMatchObject({ finish_reason, message: { content } });
  });

  it('a context window that is exceeded before any text is a 400', async () => {
    const asked = running.openai.chat.completions.create({
      model: MODEL,
      messages: user('/fail contextWindowExceeded'),
    });
    await expect(asked).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  it('a conversation of a system message alone is answered', async () => {
    const completion = await running.openai.chat.completions.create({
      model: MODEL,
      messages: [{ role: 'system', content: 'Be brief.' }],
    });
    expect(completion.choices[0]?.message.content).toBe('You said nothing (with 2 words of instructions)');
  });
});
