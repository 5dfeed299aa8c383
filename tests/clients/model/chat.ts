import {
  type Asked,
  argumentsOf,
  CREATED,
  INPUT_TOKENS,
  OUTPUT_TOKENS,
  piecesOf,
  type Said,
  textOf,
} from './script.ts';

type Message = { role: string; content?: string | { text?: string }[] | null };

export type ChatBody = {
  model: string;
  messages: Message[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  tools?: { type: string; function?: { name: string } }[];
};

/** As both APIs of the older shape tell it. */
export const USAGE = {
  prompt_tokens: INPUT_TOKENS,
  completion_tokens: OUTPUT_TOKENS,
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
  prompt_tokens_details: { cached_tokens: 30 },
  completion_tokens_details: { reasoning_tokens: 4 },
};

export const readChat = ({ model, messages, stream = false, tools = [] }: ChatBody): Asked => {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  return {
    model,
    stream,
    prompt: textOf(messages[last]?.content),
    outputs: messages.slice(last).filter(({ role }) => role === 'tool').length,
    tools: tools.flatMap((tool) => tool.function?.name ?? []),
  };
};

const finishOf = (said: Said): string => (said.do === 'call' ? 'tool_calls' : 'stop');

const headOf = (model: string, id: string, object: string) => ({ id, object, created: CREATED, model });

export const chatAnswer = (body: ChatBody, said: Said, id: string): object => {
  const content = said.do === 'message' ? said.text : null;
  const calls =
    said.do === 'call'
      ? [
          {
            id: `call_${id}`,
            type: 'function',
            function: { name: said.name, arguments: argumentsOf(said) },
          },
        ]
      : undefined;
  const message = { role: 'assistant', content, refusal: null, ...(calls && { tool_calls: calls }) };
  return {
    ...headOf(body.model, `chatcmpl-${id}`, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishOf(said) }],
    usage: USAGE,
  };
};

const deltasOf = (said: Said, id: string): object[] => {
  if (said.do === 'message') return piecesOf(said.text).map((content) => ({ content }));
  const first = { id: `call_${id}`, type: 'function', function: { name: said.name, arguments: '' } };
  const pieces = piecesOf(argumentsOf(said)).map((piece) => ({ function: { arguments: piece } }));
  return [first, ...pieces].map((call) => ({ tool_calls: [{ index: 0, ...call }] }));
};

/** The chunks of a streamed answer, usage among them where it is asked for. */
export const chatChunks = (body: ChatBody, said: Said, id: string): object[] => {
  const asksUsage = body.stream_options?.include_usage === true;
  const head = {
    ...headOf(body.model, `chatcmpl-${id}`, 'chat.completion.chunk'),
    ...(asksUsage && { usage: null }),
  };
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: said.do === 'message' ? '' : null, refusal: null }),
    ...deltasOf(said, id).map((delta) => chunk(delta)),
    chunk({}, finishOf(said)),
    ...(asksUsage ? [{ ...head, choices: [], usage: USAGE }] : []),
  ];
};
