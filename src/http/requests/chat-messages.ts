import { z } from 'zod';
import { imageDetail } from './parameter-types.ts';
import { toolName } from './tool-name.ts';

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
  image_url: z.looseObject({ url: imageUrl, detail: imageDetail.nullish() }),
});

/** What the API has and the app-server has not: known, so that it is refused as such. */
const otherPart = z.looseObject({ type: z.enum(['file', 'input_audio']) });

const textContent = z.union([z.string(), z.array(textPart).min(1)], {
  error: 'must be a string or a list of text parts',
});
const userContent = z.union(
  [
    z.string(),
    z
      .array(
        z.discriminatedUnion('type', [textPart, imagePart, otherPart], {
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

const functionCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.looseObject({ name: toolName, arguments: z.string() }),
});
const customCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('custom'),
  custom: z.looseObject({ name: toolName, input: z.string() }),
});
const toolCall = z.discriminatedUnion('type', [functionCall, customCall], {
  error: "must be of type 'function' or 'custom'",
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
    z.looseObject({ role: z.literal('function') }),
  ],
  { error: "must be one of 'system', 'developer', 'user', 'assistant', 'tool'" },
);
export type ChatMessage = z.infer<typeof chatMessage>;
export type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;
export type ChatContent = z.infer<typeof userContent> | z.infer<typeof assistantContent>;
