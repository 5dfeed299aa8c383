/** `@openai/agents`: an agent, its tool, and its output type, over the Responses API as it does by itself. */
import {
  Agent,
  OpenAIProvider,
  run,
  setDefaultModelProvider,
  setTracingDisabled,
  tool,
} from '@openai/agents';
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

// Its tracing would send to OpenAI.
setTracingDisabled(true);
setDefaultModelProvider(new OpenAIProvider({ baseURL, apiKey }));

const WAY = 'Responses';
const agent = (more = {}) => new Agent({ name: 'Helper', model, ...more });

await report(WAY, 'plain', async () => {
  const { finalOutput } = await run(agent(), prompts.plain.prompt);
  return checkPlain(finalOutput);
});
await report(WAY, 'streamed', async () => {
  const pieces = [];
  const result = await run(agent(), prompts.plain.prompt, { stream: true });
  for await (const piece of result.toTextStream()) pieces.push(piece);
  await result.completed;
  return checkStreamed(pieces);
});
await report(WAY, 'tools', async () => {
  const calls = [];
  const weather = tool({
    name: 'get_weather',
    description: 'The weather in a city',
    parameters: z.object({ city: z.string(), unit: z.string() }),
    execute: async (input) => {
      calls.push(input);
      return TOOL_OUTPUT;
    },
  });
  const { finalOutput } = await run(agent({ tools: [weather] }), prompts.tool.prompt);
  return checkTool(calls, finalOutput);
});
await report(WAY, 'structured', async () => {
  const outputType = z.object({ city: z.string(), degrees: z.number() });
  const { finalOutput } = await run(agent({ outputType }), prompts.structured.prompt);
  return checkStructured(finalOutput);
});
