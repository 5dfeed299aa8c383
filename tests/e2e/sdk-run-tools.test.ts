import { useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';

describe('the tool loop of the openai package', () => {
  const running = useGateway();

  const tool = (name: string) =>
    ({
      type: 'function',
      function: {
        name,
        description: '',
        parameters: { type: 'object', properties: {} },
        parse: JSON.parse,
        function: (given: unknown) => `${name} of ${JSON.stringify(given)}`,
      },
    }) as const;

  const answered = {
    model: MODEL,
    messages: [
      {
        role: 'user',
        content: '/tool weather {"in":1}\n/tool time {"in":2}\n\n/say so far\n/tool weather {"in":3}',
      } as const,
    ],
    tools: [tool('weather'), tool('time')],
  };
  const runs = {
    whole: () => running.openai.chat.completions.runTools(answered),
    streamed: () => running.openai.chat.completions.runTools({ ...answered, stream: true }),
  };

  /** The conversation as the package keeps it, without the ids of the calls. */
  const conversationOf = async (kind: keyof typeof runs): Promise<unknown[]> => {
    const runner = runs[kind]();
    await runner.done();
    return runner.messages.slice(answered.messages.length).map(({ role, content, ...more }) => {
      const calls = 'tool_calls' in more ? (more.tool_calls ?? []) : [];
      return [role, content, calls.map((call) => call.type === 'function' && call.function.name)];
    });
  };

  it.each(['whole', 'streamed'] as const)('runs calls that come together, and goes on (%s)', async (kind) => {
    expect((await conversationOf(kind)).slice(0, -1)).toEqual([
      ['assistant', null, ['weather', 'time']],
      ['tool', 'weather of {"in":1}', []],
      ['tool', 'time of {"in":2}', []],
      ['assistant', 'so far', ['weather']],
      ['tool', 'weather of {"in":3}', []],
    ]);
  });
});
