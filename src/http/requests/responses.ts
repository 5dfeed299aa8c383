import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { ResponsesEcho, Turn, TurnCall } from '../../gateway/turn.ts';
import type { TurnSupport } from '../../gateway/turn-support.ts';
import { assertToolPairs, type SourcedItem, splitConversation } from './conversation.ts';
import { demandsOf } from './expected.ts';
import { ignoredFields } from './ignored.ts';
import { describedSchema } from './output-format.ts';
import { type RequestOptions, unsupported } from './parameters.ts';
import { ignoredInResponses } from './responses-ignored.ts';
import { type InputItem, imagesOf, isCallOutput, isThought, toSourcedItem } from './responses-items.ts';
import { thoughtsOf } from './responses-reasoning.ts';
import { namedResponsesTool, type ResponsesRequest, type ResponsesTool } from './responses-schema.ts';
import { echoedSettings, responsesWords, toFormat, toSettings } from './responses-settings.ts';
import { toolsOf } from './responses-tools.ts';
import { type Allowed, chooseTools, isAllowedTools } from './tool-choice.ts';
import { assertDistinct, isCustomTool, isFunctionTool } from './tools.ts';

const textMessage = (role: 'system' | 'user', text: string, param: string): SourcedItem => ({
  item: { type: 'message', role, parts: [{ type: 'text', text }] },
  param,
});

/** The steps of the input. Images of tools' outputs follow the last output of a row, since nothing may stand between them. */
const toSteps = (input: readonly InputItem[], { reasoning }: TurnSupport): SourcedItem[] => {
  const steps: SourcedItem[] = [];
  const images: SourcedItem[] = [];
  for (const [index, item] of input.entries()) {
    const param = `input[${index}]`;
    if (isThought(item)) {
      if (reasoning) steps.push(...thoughtsOf(item, param));
      continue;
    }
    const step = toSourcedItem(item, param);
    if (!step) continue;
    if (!isCallOutput(item)) steps.push(...images.splice(0));
    steps.push(step);
    images.push(...imagesOf(item, param));
  }
  return [...steps, ...images];
};

const isEmpty = ({ item }: SourcedItem): boolean =>
  item.type === 'reasoning' || (item.type === 'message' && item.parts.length === 0);

const assertInputHasContent = (steps: readonly SourcedItem[]): void => {
  if (!steps.every(isEmpty)) return;
  const problem = "'input' has nothing in it that is known here: no text, no image, no function call.";
  throw new GatewayError('invalid_value', problem, { param: 'input' });
};

const toItems = ({ instructions, input }: ResponsesRequest, support: TurnSupport): SourcedItem[] => {
  const steps = typeof input === 'string' ? [textMessage('user', input, 'input')] : toSteps(input, support);
  assertInputHasContent(steps);
  return [...(instructions == null ? [] : [textMessage('system', instructions, 'instructions')]), ...steps];
};

const cacheOptions = z.looseObject({ prewarm: z.literal(true) });

/** A request that only fills the cache is to have no answer, and there is no cache. */
const assertWantsAnswer = (body: ResponsesRequest): void => {
  if (cacheOptions.safeParse(body['prompt_cache_options']).success)
    throw unsupported('prompt_cache_options.prewarm', 'there is no cache to fill without an answer.');
};

/** A tool as the response repeats it: `FunctionTool` of the API, or what was sent. */
const toEchoedTool = (tool: ResponsesTool) => {
  if (!isFunctionTool(tool)) return tool;
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? null,
  };
};

const namesIn = (tools: readonly unknown[]): string[] =>
  tools.flatMap((tool) => {
    const named = namedResponsesTool.safeParse(tool).data;
    return named && (isFunctionTool(named) || isCustomTool(named)) ? [named.name] : [];
  });

const allowedIn = (choice: ResponsesRequest['tool_choice']): Allowed | null => {
  if (isAllowedTools(choice)) return { mode: choice.mode, names: namesIn(choice.tools) };
  const names = namesIn([choice]);
  return names.length > 0 ? { mode: 'required', names } : null;
};

const WORDS = ['none', 'required'] as const;

/** The choice as the response repeats it. */
const toEchoedChoice = (choice: ResponsesRequest['tool_choice']): ResponsesEcho['toolChoice'] => {
  if (isAllowedTools(choice)) return { type: choice.type, mode: choice.mode, tools: choice.tools };
  if (typeof choice === 'object' && choice !== null) return choice;
  return WORDS.find((word) => word === choice) ?? 'auto';
};

const toEcho = (body: ResponsesRequest, support: TurnSupport): ResponsesEcho => ({
  instructions: body.instructions ?? null,
  metadata: body.metadata ?? {},
  tools: (body.tools ?? []).map(toEchoedTool),
  toolChoice: toEchoedChoice(body.tool_choice),
  parallelToolCalls: body['parallel_tool_calls'] !== false,
  format: body.text?.format ?? { type: 'text' },
  settings: echoedSettings(body, support),
});

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toResponsesCall = (body: ResponsesRequest, options: RequestOptions): TurnCall => {
  const { support } = options;
  const withoutEffect = ignoredFields(
    responsesWords(support),
    body,
    ignoredInResponses(body, support),
    options,
  );
  assertWantsAnswer(body);
  const format = body.text?.format;
  const items = toItems(body, support);
  assertToolPairs(items, { mayInterrupt: true });
  const tools = toolsOf(body.tools ?? [], body.input);
  assertDistinct(tools);
  const chosen = chooseTools(body.tool_choice, tools, allowedIn(body.tool_choice), options);
  const parallel = body['parallel_tool_calls'];
  const { emulated, ...demands } = demandsOf(
    { chosen, parallel, format, formatField: 'text.format' },
    options,
  );
  const turn: Turn = {
    model: body.model,
    stream: body.stream === true,
    answer: { api: 'responses', echo: toEcho(body, support) },
    ...splitConversation(items.map(({ item }) => item)),
    tools: chosen.tools,
    rules: null,
    ...demands,
    format: toFormat(format) ?? demands.format,
    settings: toSettings(body, support),
    outputSchema: format?.type === 'json_schema' ? describedSchema(format) : null,
    effort: body.reasoning?.effort ?? null,
    reasoningSummary: body.reasoning?.summary ?? body.reasoning?.generate_summary ?? null,
    stop: [],
  };
  return { turn, emulated, ...withoutEffect };
};
