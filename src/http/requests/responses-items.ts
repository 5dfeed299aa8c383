import { z } from 'zod';
import { MESSAGE_PHASES, type Part } from '../../gateway/turn.ts';
import { imageUrl } from './chat-messages.ts';
import { otherPartRefused, partsOf, type SourcedItem, textOfParts } from './conversation.ts';
import { customArguments } from './custom-tools.ts';
import { imageDetail } from './parameter-types.ts';
import { unsupported } from './parameters.ts';
import { namespacedName, toolName } from './tool-name.ts';

const inputText = z.looseObject({ type: z.literal('input_text'), text: z.string() });
const outputText = z.looseObject({ type: z.literal('output_text'), text: z.string() });
const refusal = z.looseObject({ type: z.literal('refusal'), refusal: z.string() });
/** An image by its `file_id` cannot be had: nothing is stored. */
const inputImage = z.looseObject({
  type: z.literal('input_image'),
  image_url: imageUrl,
  detail: imageDetail.nullish(),
});

/** What the API has and the app-server has not: known, so that it is refused as such. */
const otherPart = z.looseObject({ type: z.enum(['input_file', 'input_audio']) });

const contentPart = z.discriminatedUnion('type', [inputText, outputText, refusal, inputImage, otherPart], {
  error: "must be of type 'input_text', 'input_image', 'output_text' or 'refusal'",
});
const content = z.union([z.string(), z.array(contentPart)], {
  error: 'must be a string or a list of content parts',
});

const ROLES = ['system', 'developer', 'user', 'assistant'] as const;

/** `EasyInputMessage`, `ResponseInputItem.Message` and `ResponseOutputMessage`: they differ in what is left out. */
const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(ROLES, { error: `must be one of ${ROLES.map((role) => `'${role}'`).join(', ')}` }),
  content,
  phase: z.string().nullish(),
});

const functionCall = z.looseObject({
  type: z.literal('function_call'),
  call_id: z.string().min(1),
  name: toolName,
  namespace: z.string().nullish(),
  arguments: z.string(),
});

const customToolCall = z.looseObject({
  type: z.literal('custom_tool_call'),
  call_id: z.string().min(1),
  name: toolName,
  namespace: z.string().nullish(),
  input: z.string(),
});

const toolSearchCall = z.looseObject({
  type: z.literal('tool_search_call'),
  call_id: z.string().min(1),
  arguments: z.unknown(),
});

/** The tools that were found; they are offered from then on. */
const toolSearchOutput = z.looseObject({
  type: z.literal('tool_search_output'),
  call_id: z.string().min(1),
  tools: z.array(z.looseObject({ name: z.string().optional() })),
});

const additionalTools = z.looseObject({ type: z.literal('additional_tools'), tools: z.array(z.unknown()) });

const outputPart = z.discriminatedUnion('type', [inputText, inputImage, otherPart], {
  error: "must be of type 'input_text' or 'input_image'",
});

const callOutput = z.looseObject({
  type: z.enum(['function_call_output', 'custom_tool_call_output']),
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(outputPart)], {
    error: 'must be a string or a list of text and image parts',
  }),
});

const itemReference = z.looseObject({ type: z.literal('item_reference'), id: z.string() });

const KNOWN_TYPES = [
  'message',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'item_reference',
] as const;

/** Types that have no schema here. */
const OTHER_TYPE = new RegExp(`^(?!(?:${KNOWN_TYPES.join('|')})$)`);

/** It aborts, so that the fault of an item of a known type is told. */
const otherItem = z.looseObject({ type: z.string().regex(OTHER_TYPE, { abort: true }) });

const knownItem = z.discriminatedUnion(
  'type',
  [
    message,
    functionCall,
    callOutput,
    customToolCall,
    toolSearchCall,
    toolSearchOutput,
    additionalTools,
    itemReference,
  ],
  { error: 'must be the type of an input item' },
);

/** `ResponseInputItem` of the API. */
export const inputItem = z.union([knownItem, otherItem], { error: 'must be an input item' });
export type InputItem = z.infer<typeof inputItem>;
type KnownItem = z.infer<typeof knownItem>;
type ContentPart = z.infer<typeof contentPart>;

/**
 * Reasoning is left out, by itself or by a reference to it: it was another model's, or is encrypted. The prefix of an id says what it
 * refers to.
 */
export const isThought = (item: InputItem): boolean =>
  item.type === 'reasoning' || (item.type === 'item_reference' && String(item['id']).startsWith('rs_'));

const isKnownItem = (item: InputItem): item is KnownItem =>
  item.type === undefined || !OTHER_TYPE.test(item.type);

const toPart = (part: ContentPart, param: string): Part => {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      return { type: 'image', url: part.image_url, ...(part.detail && { detail: part.detail }) };
    case 'input_file':
    case 'input_audio':
      throw otherPartRefused(param);
  }
};

const messageItem = (
  { role, content, phase: named }: z.infer<typeof message>,
  param: string,
): SourcedItem => {
  const parts = partsOf(content, `${param}.content`, toPart);
  const image = parts.findIndex(({ type }) => type === 'image');
  if (image >= 0 && role !== 'user')
    throw unsupported(`${param}.content[${image}]`, 'only messages of the user may hold images.');
  const phase = role === 'assistant' && MESSAGE_PHASES.find((known) => known === named);
  return { item: { type: 'message', role, parts, ...(phase && { phase }) }, param };
};

export const isCallOutput = (item: InputItem): item is z.infer<typeof callOutput> =>
  item.type === 'function_call_output' || item.type === 'custom_tool_call_output';

/**
 * The images of a tool's output, as a message of the user that names the call: a result is text on the app-server. None where
 * there are none.
 */
export const imagesOf = (item: InputItem, param: string): SourcedItem[] => {
  if (!isCallOutput(item)) return [];
  const images = partsOf(item.output, `${param}.output`, toPart).filter(({ type }) => type === 'image');
  if (images.length === 0) return [];
  const parts: Part[] = [{ type: 'text', text: `The images of the tool call ${item.call_id}:` }, ...images];
  return [{ item: { type: 'message', role: 'user', parts }, param }];
};

/** What the model is told of tools that were found: their names, since they are offered to it now. */
const foundTools = ({ tools }: z.infer<typeof toolSearchOutput>): string =>
  JSON.stringify({ tools: tools.flatMap(({ name }) => name ?? []) });

/** The step that an item stands for; none for one that only adds tools. Throws a `GatewayError` for one that cannot be carried. */
export const toSourcedItem = (item: InputItem, param: string): SourcedItem | null => {
  if (!isKnownItem(item))
    throw unsupported(
      param,
      `an item of type '${String(item.type).slice(0, 64)}' cannot be told to the model.`,
    );
  const call = (name: string, args: string, callId: string): SourcedItem => ({
    item: { type: 'tool_call', callId, name, arguments: args },
    param: `${param}.call_id`,
  });
  const result = (callId: string, output: string): SourcedItem => ({
    item: { type: 'tool_result', callId, output },
    param: `${param}.call_id`,
  });
  switch (item.type) {
    case 'function_call':
      return call(namespacedName(item.namespace, item.name), item.arguments, item.call_id);
    case 'custom_tool_call':
      return call(item.name, customArguments(item.input), item.call_id);
    case 'tool_search_call':
      return call('tool_search', JSON.stringify(item.arguments ?? {}), item.call_id);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return result(item.call_id, textOfParts(partsOf(item.output, `${param}.output`, toPart)));
    case 'tool_search_output':
      return result(item.call_id, foundTools(item));
    case 'additional_tools':
      return null;
    case 'item_reference':
      throw unsupported(
        param,
        'nothing is stored, so there is nothing to refer to; send the item itself, as most clients do with `store: false`.',
      );
    case 'message':
    case undefined:
      return messageItem(item, param);
  }
};
