/** The cases of the AI SDK, for each of its major versions: what differs is which packages a folder has installed. */
import {
  checkPlain,
  checkStreamed,
  checkStructured,
  checkTool,
  prompts,
  report,
  TOOL_OUTPUT,
} from './report.mjs';

/** `structured` is what the provider's default mode needs to be asked with. */
export const runAiSdk = async ({ way, model, ai, z, structured }) => {
  const { generateText, Output, stepCountIs, isStepCount, streamText, tool } = ai;
  await report(way, 'plain', async () => {
    const { text } = await generateText({ model, prompt: prompts.plain.prompt });
    return checkPlain(text);
  });
  await report(way, 'streamed', async () => {
    const pieces = [];
    const errors = [];
    const { textStream } = streamText({
      model,
      prompt: prompts.plain.prompt,
      onError: ({ error }) => errors.push(error),
    });
    for await (const piece of textStream) pieces.push(piece);
    if (errors.length > 0) throw errors[0];
    return checkStreamed(pieces);
  });
  await report(way, 'tools', async () => {
    const calls = [];
    const { text } = await generateText({
      model,
      prompt: prompts.tool.prompt,
      stopWhen: (isStepCount ?? stepCountIs)(3),
      tools: {
        get_weather: tool({
          description: 'The weather in a city',
          inputSchema: z.object({ city: z.string(), unit: z.string() }),
          execute: async (input) => {
            calls.push(input);
            return TOOL_OUTPUT;
          },
        }),
      },
    });
    return checkTool(calls, text);
  });
  await report(way, 'structured', async () => {
    const { output } = await generateText({
      model,
      prompt: structured.prompt,
      output: Output.object({ schema: z.object({ city: z.string(), degrees: z.int() }) }),
    });
    return checkStructured(output, structured.expect);
  });
};
