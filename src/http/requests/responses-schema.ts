import { z } from 'zod';
import { responsesCustomTool } from './custom-tools.ts';
import { outputFormat, schemaFields } from './output-format.ts';
import { effort, metadata, oneOf, verbosity } from './parameter-types.ts';
import { withParameters } from './parameters.ts';
import { inputItem } from './responses-items.ts';
import { RESPONSES_PARAMETERS } from './responses-parameters.ts';
import { allowedFields, toolChoice } from './tool-choice.ts';
import { toolName } from './tool-name.ts';
import { functionFields, toolSchema } from './tools.ts';

const tool = toolSchema(functionFields, responsesCustomTool);
export const namedResponsesTool = toolSchema(
  { name: toolName },
  z.looseObject({ type: z.literal('custom'), name: toolName }),
);
const choice = toolChoice(allowedFields(namedResponsesTool));
const textFormat = outputFormat(schemaFields);

const summary = oneOf(['auto', 'concise', 'detailed']);

/** Wire schema of `POST /v1/responses`. Fields that are not named here are accepted: clients add some. */
export const responsesRequest = withParameters(
  RESPONSES_PARAMETERS,
  z.looseObject({
    model: z.string().min(1),
    input: z.union([z.string(), z.array(inputItem).min(1)], { error: 'must be a string or a list of items' }),
    instructions: z.string().nullish(),
    metadata: metadata.nullish(),
    stream: z.boolean().nullish(),
    tools: z.array(tool).nullish(),
    tool_choice: choice.nullish(),
    text: z.looseObject({ format: textFormat.nullish(), verbosity: verbosity.nullish() }).nullish(),
    reasoning: z
      .looseObject({
        effort: effort.nullish(),
        summary: summary.nullish(),
        generate_summary: summary.nullish(),
        context: oneOf(['auto', 'current_turn', 'all_turns']).nullish(),
        mode: oneOf(['standard', 'pro']).nullish(),
      })
      .nullish(),
  }),
);
export type ResponsesRequest = z.infer<typeof responsesRequest>;
export const responsesTools = z.array(tool);
export type ResponsesTool = z.infer<typeof tool>;
