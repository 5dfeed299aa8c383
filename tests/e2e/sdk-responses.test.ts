import { APIError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { z } from 'zod';
import { rejectionOf } from '../support/thrown.ts';
import { useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';

/** The official client's Responses API, as its users have it. */
describe('responses of the openai package, on the embedded app-server', () => {
  const running = useGateway();

  const eventsOf = async (input: string): Promise<ResponseStreamEvent[]> => {
    const events: ResponseStreamEvent[] = [];
    const stream = await running.openai.responses.create({ model: MODEL, input, stream: true });
    for await (const event of stream) events.push(event);
    return events;
  };

  it('responses.create answers whole, with its usage and the request id of the gateway', async () => {
    const { data, request_id } = await running.openai.responses
      .create({ model: MODEL, input: 'hello', instructions: 'Be kind.' })
      .withResponse();
    expect(data).toMatchObject({
      status: 'completed',
      output_text: 'You said: hello (with 2 words of instructions)',
      instructions: 'Be kind.',
      store: false,
      usage: {
        total_tokens: expect.any(Number),
        input_tokens_details: { cached_tokens: expect.any(Number), cache_write_tokens: 0 },
        output_tokens_details: { reasoning_tokens: 0 },
      },
    });
    expect(request_id).toMatch(/^req_[0-9a-f]{12}$/);
  });

  it('takes a conversation of items, and says what it has left out', async () => {
    const { data, response } = await running.openai.responses
      .create({
        model: MODEL,
        temperature: 0.2,
        input: [
          { role: 'user', content: 'an earlier question' },
          { type: 'reasoning', id: 'rs_1', summary: [] },
          { role: 'assistant', content: 'an earlier answer' },
          { role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
        ],
      })
      .withResponse();
    expect(data.output_text).toBe('You said: hello (after 2 earlier messages)');
    expect(response.headers.get('x-throughline-ignored')).toBe('temperature, input[1]');
  });

  it('responses.create streams events in order, numbered from 0, with the usage in the last', async () => {
    const events = await eventsOf('/say one two\n/say three');
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    expect(events.map(({ type }) => type).slice(0, 4)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
    ]);
    const last = events.at(-1);
    expect(last).toMatchObject({
      type: 'response.completed',
      response: {
        status: 'completed',
        output: [{ content: [{ text: 'one two' }] }, { content: [{ text: 'three' }] }],
        usage: { output_tokens: 3 },
      },
    });
  });

  it('responses.stream puts the final response together from its events', async () => {
    const stream = running.openai.responses.stream({
      model: MODEL,
      input: '/think a b\n/say one two\n/say three',
    });
    const texts: string[] = [];
    stream.on('response.output_text.delta', ({ delta }) => texts.push(delta));
    const response = await stream.finalResponse();
    expect(texts.join('')).toBe('one twothree');
    expect(response.output_text).toBe('one twothree');
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'message']);
  });

  it('gives reasoning as summaries, whole and streamed', async () => {
    const response = await running.openai.responses.create({
      model: MODEL,
      input: '/think let me see\n/say four',
      reasoning: { effort: 'low', summary: 'auto' },
    });
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'let me see' }] },
      { type: 'message', content: [{ text: 'four' }] },
    ]);
    expect(response.reasoning).toMatchObject({ effort: 'low', summary: 'auto' });
    const events = await eventsOf('/think let me see\n/say four');
    const deltas = events.flatMap((event) =>
      event.type === 'response.reasoning_summary_text.delta' ? [event.delta] : [],
    );
    expect(deltas.join('')).toBe('let me see');
  });

  it('responses.parse gives the object that the schema asks for', async () => {
    const schema = z.object({ city: z.string(), degrees: z.number() });
    const response = await running.openai.responses.parse({
      model: MODEL,
      input: 'the weather',
      text: { format: zodTextFormat(schema, 'weather') },
    });
    expect(schema.parse(response.output_parsed)).toEqual(response.output_parsed);
  });

  it('a turn that fails before its first word is an HTTP error, later a failed response', async () => {
    await expect(eventsOf('/fail serverOverloaded')).rejects.toMatchObject({
      status: 503,
      code: 'backend_overloaded',
    });
    const last = (await eventsOf('/say some words\n/fail serverOverloaded')).at(-1);
    expect(last).toMatchObject({
      type: 'response.failed',
      response: {
        status: 'failed',
        error: { code: 'server_error', type: 'backend_overloaded', request_id: expect.any(String) },
        output: [{ status: 'incomplete', content: [{ text: 'some words' }] }],
      },
    });
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['store', { store: true }],
    ['background', { background: true }],
    ['conversation', { conversation: 'conv_1' }],
  ] as const)('%s is refused by name, with a reason', async (param, more) => {
    const refused = await rejectionOf(
      running.openai.responses.create({ model: MODEL, input: 'hi', stream: false, ...more }),
    );
    expect(refused).toBeInstanceOf(APIError);
    expect(refused).toMatchObject({ status: 400, code: 'unsupported_parameter', param });
    expect(refused).toMatchObject({ message: expect.stringContaining(`'${param}' is not supported here: `) });
  });

  it('there is no response to be had again, to be cancelled or to be deleted', async () => {
    for (const asked of [
      running.openai.responses.retrieve('resp_1'),
      running.openai.responses.cancel('resp_1'),
      running.openai.responses.delete('resp_1'),
    ]) {
      expect(await rejectionOf(asked)).toMatchObject({
        status: 404,
        code: 'route_not_found',
        message: expect.stringContaining('/v1/responses/resp_1'),
      });
    }
  });
});
