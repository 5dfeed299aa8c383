/** The `openai` package: Chat Completions, Responses and Completions, tools by its own runner and by hand, values by its own parser. */
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import {
  apiKey,
  baseURL,
  checkPlain,
  checkStreamed,
  checkStructured,
  checkTool,
  leaveOut,
  model,
  prompts,
  report,
  TOOL_OUTPUT,
} from '../report.mjs';

const client = new OpenAI({ baseURL, apiKey });
const Weather = z.object({ city: z.string(), degrees: z.int() });
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, unit: { type: 'string' } },
  required: ['city', 'unit'],
  additionalProperties: false,
};
const description = 'The weather in a city';
const ask = (prompt) => [{ role: 'user', content: prompt }];

const CHAT = 'Chat Completions';
await report(CHAT, 'plain', async () => {
  const answer = await client.chat.completions.create({ model, messages: ask(prompts.plain.prompt) });
  return checkPlain(answer.choices[0].message.content);
});
await report(CHAT, 'streamed', async () => {
  const pieces = [];
  const stream = client.chat.completions.stream({ model, messages: ask(prompts.plain.prompt) });
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  return checkStreamed(pieces.filter(Boolean));
});
await report(CHAT, 'tools', async () => {
  const calls = [];
  const get_weather = (input) => {
    calls.push(input);
    return TOOL_OUTPUT;
  };
  const runner = client.chat.completions.runTools({
    model,
    messages: ask(prompts.tool.prompt),
    tools: [
      {
        type: 'function',
        function: { name: 'get_weather', description, parameters, function: get_weather, parse: JSON.parse },
      },
    ],
  });
  return checkTool(calls, await runner.finalContent());
});
await report(CHAT, 'structured', async () => {
  const answer = await client.chat.completions.parse({
    model,
    messages: ask(prompts.structured.prompt),
    response_format: zodResponseFormat(Weather, 'weather'),
  });
  return checkStructured(answer.choices[0].message.parsed);
});

const RESPONSES = 'Responses';
await report(RESPONSES, 'plain', async () => {
  const answer = await client.responses.create({ model, input: prompts.plain.prompt });
  return checkPlain(answer.output_text);
});
await report(RESPONSES, 'streamed', async () => {
  const pieces = [];
  const stream = await client.responses.create({ model, input: prompts.plain.prompt, stream: true });
  for await (const event of stream) if (event.type === 'response.output_text.delta') pieces.push(event.delta);
  return checkStreamed(pieces);
});
await report(RESPONSES, 'tools', async () => {
  const tools = [{ type: 'function', name: 'get_weather', description, parameters, strict: true }];
  const first = await client.responses.create({ model, input: prompts.tool.prompt, tools });
  const calls = first.output.filter(({ type }) => type === 'function_call');
  const outputs = calls.map(({ call_id }) => ({
    type: 'function_call_output',
    call_id,
    output: TOOL_OUTPUT,
  }));
  const input = [...ask(prompts.tool.prompt), ...first.output, ...outputs];
  const second = await client.responses.create({ model, input, tools });
  return checkTool(
    calls.map((call) => JSON.parse(call.arguments)),
    second.output_text,
  );
});
await report(RESPONSES, 'structured', async () => {
  const answer = await client.responses.parse({
    model,
    input: prompts.structured.prompt,
    text: { format: zodTextFormat(Weather, 'weather') },
  });
  return checkStructured(answer.output_parsed);
});

const COMPLETIONS = 'Completions';
await report(COMPLETIONS, 'plain', async () => {
  const answer = await client.completions.create({ model, prompt: prompts.plain.prompt });
  return checkPlain(answer.choices[0].text);
});
await report(COMPLETIONS, 'streamed', async () => {
  const pieces = [];
  const stream = await client.completions.create({ model, prompt: prompts.plain.prompt, stream: true });
  for await (const chunk of stream) pieces.push(chunk.choices[0]?.text ?? '');
  return checkStreamed(pieces.filter(Boolean));
});
for (const name of ['tools', 'structured']) leaveOut(COMPLETIONS, name, 'the API has no such thing');
