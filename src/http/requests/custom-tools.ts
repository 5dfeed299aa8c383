import { z } from 'zod';
import type { Tool } from '../../gateway/turn.ts';
import { toolName } from './tool-name.ts';

const grammarFields = { syntax: z.string(), definition: z.string() };
const textFormat = z.looseObject({ type: z.literal('text') });

/** A tool that takes free text, as both APIs describe it, in different places; `grammar` is where an API has that. */
const customFields = <Grammar extends z.ZodRawShape>(grammar: Grammar) => ({
  name: toolName,
  description: z.string().nullish(),
  format: z
    .discriminatedUnion('type', [textFormat, z.looseObject({ type: z.literal('grammar'), ...grammar })])
    .nullish(),
});

export const responsesCustomTool = z.looseObject({
  type: z.literal('custom'),
  ...customFields(grammarFields),
});
export const chatCustomTool = z.looseObject({
  type: z.literal('custom'),
  custom: z.looseObject(customFields({ grammar: z.looseObject(grammarFields) })),
});

/** A grammar cannot be held here, so the model is told of it. */
const grammarOf = (grammar: { readonly syntax: string; readonly definition: string } | null): string =>
  grammar ? `, by this grammar (${grammar.syntax}):\n${grammar.definition}` : '.';

/** A custom tool as a function with one field. */
export const toCustomTool = (
  name: string,
  description: string | null | undefined,
  grammar: { readonly syntax: string; readonly definition: string } | null,
): Tool => ({
  name,
  description: [description, `The input is free text${grammarOf(grammar)}`].filter(Boolean).join('\n\n'),
  parameters: {
    type: 'object',
    properties: { input: { type: 'string' } },
    required: ['input'],
    additionalProperties: false,
  },
  form: { type: 'custom' },
});

/** The input of a custom tool's call in the history, as the function's arguments. */
export const customArguments = (input: string): string => JSON.stringify({ input });
