import { MESSAGE_SEPARATOR } from '../../src/gateway/turn.ts';
import { CODEX_MODEL } from '../support/codex.ts';
import { useCodexGateway } from '../support/use-gateway.ts';

describe('an answer of the real Codex that is cut at a stop sequence', () => {
  const running = useCodexGateway();

  const ask = {
    model: CODEX_MODEL,
    messages: [{ role: 'user' as const, content: '[[hang]]' }],
    stop: ' and',
  };

  it('has no usage where the call of the model was cut: no field, no chunk, none in the record', async () => {
    const { data, request_id } = await running.openai.chat.completions.create(ask).withResponse();
    expect(data.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'This answer begins' },
    });
    expect(data).not.toHaveProperty('usage');
    const { data: stream, request_id: streamedId } = await running.openai.chat.completions
      .create({ ...ask, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    let chunks = 0;
    for await (const { choices } of stream) {
      expect(choices).toHaveLength(1);
      chunks++;
    }
    expect(chunks).toBeGreaterThan(2);
    for (const id of [request_id, streamedId])
      expect(await running.gateway.usageOf(String(id))).toMatchObject([
        { outcome: 'completed', usage_source: 'missing', usage: null },
      ]);
  });

  it('has the usage of the calls that had ended, as a part of it', async () => {
    running.model.enqueue(
      {
        steps: [
          { do: 'message', text: 'One' },
          { do: 'shell', command: 'true' },
        ],
      },
      { steps: [{ do: 'message', text: 'two, ' }, { do: 'hang' }] },
    );
    const { data: stream, request_id } = await running.openai.chat.completions
      .create({
        ...ask,
        stop: `${MESSAGE_SEPARATOR}two`,
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse();
    const usages = [];
    for await (const { usage } of stream) if (usage) usages.push(usage);
    expect(usages).toMatchObject([{ total_tokens: 150 }]);
    expect(await running.gateway.usageOf(String(request_id))).toMatchObject([
      { outcome: 'completed', usage_source: 'partial', usage: { total_tokens: 150 } },
    ]);
  });
});
