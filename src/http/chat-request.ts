import { z } from 'zod';
import { GatewayError } from '../errors.ts';
import type { Message, Turn } from '../gateway/turn.ts';

/** Wire schema of `POST /v1/chat/completions`. Fields that are not named here are accepted: clients add some. */
const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });
const content = z.union([z.string(), z.array(textPart).min(1)], {
  error: 'must be a string or a list of text parts',
});

const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content,
});

export const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
type ChatRequest = z.infer<typeof chatRequest>;

/** What this gateway cannot honour yet is refused by name: accepting and ignoring it would change the answer unseen. */
const UNSUPPORTED: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value !== 1,
  tools: (value) => !Array.isArray(value) || value.length > 0,
  functions: (value) => !Array.isArray(value) || value.length > 0,
  tool_choice: (value) => value !== 'auto' && value !== 'none',
  stop: (value) => !Array.isArray(value) || value.length > 0,
  logprobs: (value) => value !== false,
  top_logprobs: (value) => value !== 0,
  logit_bias: (value) => typeof value !== 'object' || Object.keys(value ?? {}).length > 0,
  audio: () => true,
  modalities: (value) => !Array.isArray(value) || value.some((modality) => modality !== 'text'),
  response_format: (value) => (value as { type?: unknown }).type !== 'text',
  prediction: () => true,
  web_search_options: () => true,
};

const refuseUnsupported = (body: Readonly<Record<string, unknown>>): void => {
  for (const [param, isUnsupported] of Object.entries(UNSUPPORTED)) {
    const value = body[param];
    if (value === undefined || value === null || !isUnsupported(value)) continue;
    throw new GatewayError(
      'unsupported_parameter',
      `'${param}' is not supported yet, or not with this value.`,
      {
        param,
      },
    );
  }
  if (body['stream_options'] != null && body['stream'] !== true) {
    throw new GatewayError('invalid_value', "'stream_options' is only allowed when 'stream' is true.", {
      param: 'stream_options',
    });
  }
};

const textOf = (value: z.infer<typeof content>): string =>
  typeof value === 'string' ? value : value.map(({ text }) => text).join('');

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer';

/** Leading system and developer messages are instructions; the last user message is the input; the rest is history. */
const splitMessages = (messages: readonly Message[]): Pick<Turn, 'instructions' | 'history' | 'input'> => {
  const firstOther = messages.findIndex((entry) => !isInstruction(entry));
  const instructions = messages.slice(0, firstOther === -1 ? messages.length : firstOther);
  const conversation = firstOther === -1 ? [] : messages.slice(firstOther);
  const last = conversation.at(-1);
  return {
    instructions: instructions.length > 0 ? instructions.map(({ text }) => text).join('\n\n') : null,
    history: last?.role === 'user' ? conversation.slice(0, -1) : conversation,
    input: last?.role === 'user' ? last.text : null,
  };
};

/** A valid request, as the gateway's own data. Throws a `GatewayError` that names the field at fault. */
export const toTurn = (body: ChatRequest): Turn => {
  refuseUnsupported(body);
  return {
    model: body.model,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    ...splitMessages(body.messages.map(({ role, content: value }) => ({ role, text: textOf(value) }))),
  };
};
