import { z } from 'zod';
import { GatewayError } from '../../errors.ts';
import type { Part } from '../../gateway/turn.ts';
import { type SourcedItem, textOfParts } from './conversation.ts';
import { unsupported } from './parameters.ts';
import { toolName } from './tools.ts';

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });

/** The scheme of a URL, and the type of a `data:` URL, are words in which capitals mean nothing, but to some readers. */
const inSmallLetters = (url: string): string =>
  url.replace(/^(?:data:image\/|https?:)/i, (word) => word.toLowerCase());

/** What the app-server's model can fetch or be handed: nothing of this machine's. No flag `i`, since JSON Schema has none. */
export const imageUrl = z
  .string()
  .overwrite(inSmallLetters)
  .regex(/^(?:[Hh][Tt][Tt][Pp][Ss]?:\/\/|[Dd][Aa][Tt][Aa]:[Ii][Mm][Aa][Gg][Ee]\/)/, {
    error: 'must be an http(s) URL, or a data: URL of an image',
  });
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: imageUrl }),
});

const textContent = z.union([z.string(), z.array(textPart).min(1)], {
  error: 'must be a string or a list of text parts',
});
const userContent = z.union(
  [
    z.string(),
    z
      .array(
        z.discriminatedUnion('type', [textPart, imagePart], {
          error: "must be of type 'text' or 'image_url'",
        }),
      )
      .min(1),
  ],
  { error: 'must be a string or a list of text and image parts' },
);
const assistantContent = z.union(
  [z.string(), z.array(z.discriminatedUnion('type', [textPart, refusalPart])).min(1)],
  { error: 'must be a string or a list of text parts' },
);

const toolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: toolName, arguments: z.string() }),
});

export const chatMessage = z.discriminatedUnion(
  'role',
  [
    z.looseObject({ role: z.literal('system'), content: textContent }),
    z.looseObject({ role: z.literal('developer'), content: textContent }),
    z.looseObject({ role: z.literal('user'), content: userContent }),
    z.looseObject({
      role: z.literal('assistant'),
      content: assistantContent.nullish(),
      refusal: z.string().nullish(),
      tool_calls: z.array(toolCall).nullish(),
    }),
    z.looseObject({ role: z.literal('tool'), tool_call_id: z.string().min(1), content: textContent }),
  ],
  { error: "must be one of 'system', 'developer', 'user', 'assistant', 'tool'" },
);
export type ChatMessage = z.infer<typeof chatMessage>;
type ChatContent = z.infer<typeof userContent> | z.infer<typeof assistantContent>;

const toPart = (part: Exclude<ChatContent, string>[number]): Part => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image_url':
      return { type: 'image', url: part.image_url.url };
    case 'refusal':
      return { type: 'text', text: part.refusal };
  }
};

const toParts = (content: ChatContent): Part[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content.map(toPart);

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

/** What else an assistant's message may hold, and would be missed. */
const assertKnown = (message: AssistantMessage, param: string): void => {
  if (message['function_call'] != null)
    throw unsupported(`${param}.function_call`, "use 'tool_calls', and messages of the role 'tool'.");
  if (message['audio'] != null)
    throw unsupported(`${param}.audio`, 'nothing is stored, so there is nothing to refer to; send its text.');
};

const assertSaysSomething = ({ content, refusal, tool_calls }: AssistantMessage, param: string): void => {
  if (content != null || refusal != null || tool_calls?.length) return;
  throw new GatewayError(
    'missing_required_parameter',
    `'${param}.content' is required where there is neither 'refusal' nor 'tool_calls'.`,
    { param: `${param}.content` },
  );
};

/** A refusal is what the assistant said instead of its content. */
const assistantParts = ({ content, refusal }: AssistantMessage): Part[] => [
  ...toParts(content ?? ''),
  ...toParts(refusal ?? ''),
];

const assistantItems = (message: AssistantMessage, param: string): SourcedItem[] => {
  assertKnown(message, param);
  assertSaysSomething(message, param);
  const parts = assistantParts(message).filter((part) => part.type !== 'text' || part.text !== '');
  return [
    ...(parts.length > 0 ? [{ item: { type: 'message', role: 'assistant', parts }, param } as const] : []),
    ...toolCallItems(message, param),
  ];
};

const toolCallItems = ({ tool_calls }: AssistantMessage, param: string): SourcedItem[] =>
  (tool_calls ?? []).map(
    (call, index): SourcedItem => ({
      item: {
        type: 'tool_call',
        callId: call.id,
        name: call.function.name,
        arguments: call.function.arguments,
      },
      param: `${param}.tool_calls[${index}]`,
    }),
  );

/** The steps that one message stands for: an assistant's may hold text and several calls. */
export const toItems = (message: ChatMessage, param: string): SourcedItem[] => {
  switch (message.role) {
    case 'assistant':
      return assistantItems(message, param);
    case 'tool':
      return [
        {
          item: {
            type: 'tool_result',
            callId: message.tool_call_id,
            output: textOfParts(toParts(message.content)),
          },
          param: `${param}.tool_call_id`,
        },
      ];
    case 'system':
    case 'developer':
    case 'user':
      return [{ item: { type: 'message', role: message.role, parts: toParts(message.content) }, param }];
  }
};
