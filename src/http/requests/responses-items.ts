import { z } from 'zod';
import { MESSAGE_PHASES, type Part } from '../../gateway/turn.ts';
import { imageUrl } from './chat-messages.ts';
import { otherPartRefused, partsOf, type SourcedItem, textOfParts } from './conversation.ts';
import { imageDetail } from './parameter-types.ts';
import { unsupported } from './parameters.ts';
import { toolName } from './tools.ts';

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
  arguments: z.string(),
});

const outputPart = z.discriminatedUnion('type', [inputText, inputImage, otherPart], {
  error: "must be of type 'input_text' or 'input_image'",
});

const functionCallOutput = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: z.string().min(1),
  output: z.union([z.string(), z.array(outputPart)], {
    error: 'must be a string or a list of text and image parts',
  }),
});

const itemReference = z.looseObject({ type: z.literal('item_reference'), id: z.string() });

/** Types of items that are left out: reasoning, and the calls of tools that only other backends have. */
const OTHER_TYPE = /^(?!(?:message|function_call|function_call_output|item_reference)$)/;

/** It aborts, so that the fault of an item of a known type is told. */
const otherItem = z.looseObject({ type: z.string().regex(OTHER_TYPE, { abort: true }) });

const knownItem = z.discriminatedUnion('type', [message, functionCall, functionCallOutput, itemReference], {
  error: 'must be the type of an input item',
});

/** `ResponseInputItem` of the API. */
export const inputItem = z.union([knownItem, otherItem], { error: 'must be an input item' });
export type InputItem = z.infer<typeof inputItem>;
type KnownItem = z.infer<typeof knownItem>;
type ContentPart = z.infer<typeof contentPart>;

/** A reference to a thought is left out as the thought itself would be; its id has the prefix that this API gives such items. */
const isOfThought = (item: InputItem): boolean =>
  item.type === 'item_reference' && String(item['id']).startsWith('rs_');

export const isKnownItem = (item: InputItem): item is KnownItem =>
  item.type === undefined || (!OTHER_TYPE.test(item.type) && !isOfThought(item));

const toPart = (part: ContentPart, param: string): Part => {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      return { type: 'image', url: part.image_url };
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

/**
 * The images of a tool's output, as a message of the user that names the call: a result is text on the app-server. None where
 * there are none.
 */
export const imagesOf = (item: KnownItem, param: string): SourcedItem[] => {
  if (item.type !== 'function_call_output') return [];
  const images = partsOf(item.output, `${param}.output`, toPart).filter(({ type }) => type === 'image');
  if (images.length === 0) return [];
  const parts: Part[] = [{ type: 'text', text: `The images of the tool call ${item.call_id}:` }, ...images];
  return [{ item: { type: 'message', role: 'user', parts }, param }];
};

/** The step that an item stands for. Throws a `GatewayError` for one that refers to something stored. */
export const toSourcedItem = (item: KnownItem, param: string): SourcedItem => {
  switch (item.type) {
    case 'function_call':
      return {
        item: { type: 'tool_call', callId: item.call_id, name: item.name, arguments: item.arguments },
        param: `${param}.call_id`,
      };
    case 'function_call_output': {
      const output = textOfParts(partsOf(item.output, `${param}.output`, toPart));
      return {
        item: { type: 'tool_result', callId: item.call_id, output },
        param: `${param}.call_id`,
      };
    }
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
