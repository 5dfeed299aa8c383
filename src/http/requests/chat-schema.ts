import { z } from 'zod';
import { chatMessage } from './chat-messages.ts';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import { stopSequences, streamOptions } from './common-fields.ts';
import { chatCustomTool } from './custom-tools.ts';
import { outputFormat, schemaFields } from './output-format.ts';
import { effort } from './parameter-types.ts';
import { withParameters } from './parameters.ts';
import { allowedFields, toolChoice } from './tool-choice.ts';
import { toolName } from './tool-name.ts';
import { functionFields, toolSchema } from './tools.ts';

const tool = toolSchema({ function: z.looseObject(functionFields) }, chatCustomTool);
export const namedChatTool = toolSchema(
  { function: z.looseObject({ name: toolName }) },
  z.looseObject({ type: z.literal('custom'), custom: z.looseObject({ name: toolName }) }),
);
const choice = toolChoice({ allowed_tools: z.looseObject(allowedFields(namedChatTool)) });
const responseFormat = outputFormat({ json_schema: z.looseObject(schemaFields) });

/** Wire schema of `POST /v1/chat/completions`. Fields that are not named here are accepted: clients add some. */
export const chatRequest = withParameters(
  CHAT_PARAMETERS,
  z.looseObject({
    model: z.string().min(1),
    messages: z.array(chatMessage).min(1),
    stream: z.boolean().nullish(),
    stream_options: streamOptions.nullish(),
    tools: z.array(tool).nullish(),
    tool_choice: choice.nullish(),
    response_format: responseFormat.nullish(),
    reasoning_effort: effort.nullish(),
    stop: stopSequences.nullish(),
  }),
);
export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatTool = z.infer<typeof tool>;
export type NamedChatTool = z.infer<typeof namedChatTool>;
