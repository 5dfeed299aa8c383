/** LangChain: `ChatOpenAI`, an agent with a tool, and `withStructuredOutput` in its default mode. */
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { z } from 'zod';
import {
  apiKey,
  baseURL,
  checkPlain,
  checkStreamed,
  checkStructured,
  checkTool,
  model,
  prompts,
  report,
  TOOL_OUTPUT,
} from '../report.mjs';

const WAY = '`ChatOpenAI`';
const chat = new ChatOpenAI({ model, apiKey, configuration: { baseURL } });

await report(WAY, 'plain', async () => checkPlain((await chat.invoke(prompts.plain.prompt)).text));
await report(WAY, 'streamed', async () => {
  const pieces = [];
  for await (const chunk of await chat.stream(prompts.plain.prompt)) pieces.push(chunk.text);
  return checkStreamed(pieces.filter(Boolean));
});
await report(WAY, 'tools', async () => {
  const calls = [];
  const weather = tool(
    async (input) => {
      calls.push(input);
      return TOOL_OUTPUT;
    },
    {
      name: 'get_weather',
      description: 'The weather in a city',
      schema: z.object({ city: z.string(), unit: z.string() }),
    },
  );
  const agent = createAgent({ model: chat, tools: [weather] });
  const { messages } = await agent.invoke({ messages: [{ role: 'user', content: prompts.tool.prompt }] });
  return checkTool(calls, messages.at(-1).text);
});
await report(WAY, 'structured', async () => {
  const schema = z.object({ city: z.string(), degrees: z.number() });
  return checkStructured(await chat.withStructuredOutput(schema).invoke(prompts.structured.prompt));
});
