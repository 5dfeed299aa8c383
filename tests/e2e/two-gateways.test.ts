import type OpenAI from 'openai';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources';
import type { FunctionTool, ResponseInput } from 'openai/resources/responses/responses';
import { type GatewayProcess, startGateway } from '../support/gateway.ts';
import { startAll } from '../support/start-all.ts';
import { clientOf } from '../support/use-gateway.ts';

const MODEL = 'throughline-echo';
const PROMPT = '/tool get_weather {"city":"Oslo"}';
const ANSWER = 'The tool get_weather answered: sunny';
const weather = {
  name: 'get_weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: null,
};

/** Nothing is kept between the two requests of a tool's conversation, so they need not reach the same process. */
describe('a conversation with a tool, half on one gateway and half on another', () => {
  let gateways: GatewayProcess[] = [];
  let clients: OpenAI[] = [];

  beforeAll(async () => {
    gateways = await startAll(startGateway(), startGateway());
    clients = gateways.map((gateway) => clientOf(gateway));
  });
  afterAll(() => Promise.all(gateways.map((gateway) => gateway.remove())));

  const client = (index: number): OpenAI => clients[index] as OpenAI;

  it('ends with what the second makes of the result of the call that the first gave', async () => {
    const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: PROMPT }];
    const tools: ChatCompletionTool[] = [{ type: 'function', function: weather }];
    const first = await client(0).chat.completions.create({ model: MODEL, messages, tools });
    const [choice] = first.choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    if (choice) messages.push(choice.message);
    messages.push({
      role: 'tool',
      tool_call_id: choice?.message.tool_calls?.[0]?.id ?? '',
      content: 'sunny',
    });
    // The first one is gone: the second knows of it only what the client says.
    await gateways[0]?.stop();
    const second = await client(1).chat.completions.create({ model: MODEL, messages, tools });
    expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: ANSWER } });
  });

  it('does so over the Responses API as well', async () => {
    const other = await startGateway();
    gateways.push(other);
    const input: ResponseInput = [{ role: 'user', content: PROMPT }];
    const tools: FunctionTool[] = [{ type: 'function', ...weather }];
    const first = await client(1).responses.create({ model: MODEL, input, tools });
    const [call] = first.output;
    if (call?.type !== 'function_call') throw new Error(`no call: ${JSON.stringify(first.output)}`);
    input.push(call, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' });
    const second = await clientOf(other).responses.create({ model: MODEL, input, tools });
    expect(second).toMatchObject({ status: 'completed', output_text: ANSWER });
  });
});
