import type { TurnSupport } from '../../gateway/turn-support.ts';
import { capNames } from './ignored.ts';
import { ignoredOfSchema } from './output-format.ts';
import { type InputItem, isCallOutput, isThought } from './responses-items.ts';
import { thoughtsOf } from './responses-reasoning.ts';
import type { ResponsesRequest } from './responses-schema.ts';
import { ignoredTools, isFunctionTool } from './tools.ts';

type Parts = string | readonly { readonly type: string; readonly detail?: unknown }[];

/** How closely an image is to be looked at; the app-server decides. */
const detailsOf = (parts: Parts, place: string): string[] =>
  (typeof parts === 'string' ? [] : parts).flatMap(({ type, detail }, index) =>
    type !== 'input_image' || (detail ?? 'auto') === 'auto' ? [] : [`${place}[${index}].detail`],
  );

const thoughtIn = (item: InputItem, place: string, { reasoning }: TurnSupport): string[] =>
  reasoning && thoughtsOf(item, place).length > 0 ? [] : [place];

const inItem = (item: InputItem, index: number, support: TurnSupport): string[] => {
  const place = `input[${index}]`;
  if (isThought(item)) return thoughtIn(item, place, support);
  if (support.details) return [];
  if (isCallOutput(item)) return detailsOf(item.output, `${place}.output`);
  const isMessage = item.type === undefined || item.type === 'message';
  return isMessage ? detailsOf(item['content'] as Parts, `${place}.content`) : [];
};

/** What is inside of a parameter that is honoured, and has no effect itself. */
export const ignoredInResponses = (
  { input, reasoning, text, tools }: ResponsesRequest,
  support: TurnSupport,
): string[] => {
  const { details } = support;
  const context = reasoning?.['context'] ?? 'auto';
  const mode = reasoning?.['mode'] ?? 'standard';
  const format = text?.format;
  const verbosity = text?.['verbosity'] ?? 'medium';
  return [
    ...capNames(
      'input',
      typeof input === 'string' ? [] : input.flatMap((item, index) => inItem(item, index, support)),
    ),
    ...ignoredTools(tools ?? [], (tool) => !details && isFunctionTool(tool) && tool.strict === true),
    ...(context === 'auto' ? [] : ['reasoning.context']),
    ...(mode === 'standard' ? [] : ['reasoning.mode']),
    ...(format?.type === 'json_schema' && !details ? ignoredOfSchema(format, 'text.format') : []),
    ...(verbosity === 'medium' || details ? [] : ['text.verbosity']),
  ];
};
