import type { ResponseInputItem, ResponseStreamEvent, Tool } from 'openai/resources/responses/responses';
import { eventsOf } from '../support/records.ts';
import { useGateway } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';
const TOOL: Tool = {
  type: 'function',
  name: 'weather',
  description: 'Tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};
const ASKED: ResponseInputItem = { role: 'user', content: '/tool weather {"city":"Oslo"}' };

describe('function tools of the Responses API, through the openai package', () => {
  const running = useGateway();

  it('a call ends the response, and the next request goes on with its result', async () => {
    const first = await running.openai.responses.create({ model: MODEL, input: [ASKED], tools: [TOOL] });
    expect(first).toMatchObject({ status: 'completed', tools: [{ name: 'weather' }] });
    const [call] = first.output;
    if (call?.type !== 'function_call') throw new Error('no function was called');
    expect(call).toMatchObject({ name: 'weather', status: 'completed', call_id: expect.any(String) });
    expect(JSON.parse(call.arguments)).toEqual({ city: 'Oslo' });
    const result = { type: 'function_call_output', call_id: call.call_id, output: 'sunny' } as const;
    const second = await running.openai.responses.create({
      model: MODEL,
      input: [ASKED, call, result],
      tools: [TOOL],
    });
    expect(second.output_text).toBe('The tool weather answered: sunny');
  });

  it('a call is streamed as an item of its own behind what was said before', async () => {
    const input = '/say let me see\n/tool weather {"city":"Oslo"}';
    const stream = await running.openai.responses.create({
      model: MODEL,
      input,
      tools: [TOOL],
      stream: true,
    });
    const events: ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const ofCall = events.filter((event) => 'output_index' in event && event.output_index === 1);
    expect(ofCall).toMatchObject([
      { type: 'response.output_item.added', item: { type: 'function_call', arguments: '' } },
      { type: 'response.function_call_arguments.delta' },
      { type: 'response.function_call_arguments.done' },
      { type: 'response.output_item.done', item: { name: 'weather', status: 'completed' } },
    ]);
    const deltas = ofCall.flatMap((event) =>
      event.type === 'response.function_call_arguments.delta' ? [event.delta] : [],
    );
    expect(JSON.parse(deltas.join(''))).toEqual({ city: 'Oslo' });
    expect(events.at(-1)).toMatchObject({
      type: 'response.completed',
      response: { output: [{ type: 'message' }, { type: 'function_call' }] },
    });
  });

  it('responses.stream has the parsed call in its final response, and the mirror has the call', async () => {
    const stream = running.openai.responses.stream({ model: MODEL, input: [ASKED], tools: [TOOL] });
    const { output, id } = await stream.finalResponse();
    expect(output).toMatchObject([{ type: 'function_call', name: 'weather' }]);
    const reqId = await running.gateway.waitForMirror(
      (lines) =>
        lines.find((line) => line.type === 'event' && JSON.stringify(line.payload ?? '').includes(id))
          ?.req_id,
    );
    const blocks = eventsOf(await running.gateway.mirror(), reqId ?? '').filter(
      ({ kind }) => kind === 'tool_block',
    );
    expect(JSON.stringify(blocks)).toContain('weather');
  });

  it('no tool is called where tool_choice is none', async () => {
    const response = await running.openai.responses.create({
      model: MODEL,
      input: [ASKED],
      tools: [TOOL],
      tool_choice: 'none',
    });
    expect(response.output.map(({ type }) => type)).not.toContain('function_call');
  });
});
