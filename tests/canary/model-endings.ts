import type { Ending } from './backends.ts';

/** The APIs whose answers the canary's server has. */
export type AnswerApi = 'chat' | 'completions' | 'responses';

/** What the server sends for a request. */
export interface RawReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly pieces: readonly string[];
  /** Nothing follows, and the answer stays open. */
  readonly stalls?: boolean;
}

export const CANARY_MODEL = 'canary-model';

const CHAT_USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const RESPONSES_USAGE = { input_tokens: 7, output_tokens: 3, total_tokens: 10 };
const RESPONSE = { id: 'resp_1', object: 'response', created_at: 1, model: CANARY_MODEL };

const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;

const callIn = ({ name, arguments: given }: Extract<Ending, { do: 'tool' }>) => ({
  id: `call_of_${name}`,
  type: 'function',
  function: { name, arguments: given },
});

/** Sends arguments in pieces, as models do. */
const inPieces = (text: string): string[] => text.match(/[\s\S]{1,5}/g) ?? [];

const chunks = (ending: Ending): object[] => {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: CANARY_MODEL },
    choices: [{ index: 0, delta, finish_reason }],
  });
  if (ending.do === 'tool') {
    const { id, type, function: told } = callIn(ending);
    const first = { index: 0, id, type, function: { name: told.name, arguments: '' } };
    const rest = inPieces(told.arguments).map((given) => ({ index: 0, function: { arguments: given } }));
    return [...[first, ...rest].map((call) => chunk({ tool_calls: [call] })), chunk({}, 'tool_calls')];
  }
  const pieces = 'pieces' in ending ? ending.pieces : [];
  const told = pieces.map((piece) =>
    chunk(ending.do === 'think' ? { reasoning_content: piece } : { content: piece }),
  );
  return ending.do === 'answer' || ending.do === 'think' || ending.do === 'shell'
    ? [...told, chunk({}, 'stop')]
    : told;
};

const texts = (ending: Ending): object[] => {
  const chunk = (members: object, finish_reason: string | null = null) => ({
    ...{ id: 'cmpl-1', object: 'text_completion', created: 1, model: CANARY_MODEL },
    choices: [{ index: 0, text: '', ...members, finish_reason }],
  });
  const pieces = 'pieces' in ending ? ending.pieces : [];
  const told = pieces.map((text) => chunk(ending.do === 'think' ? { reasoning: text } : { text }));
  return ending.do === 'answer' || ending.do === 'think' ? [...told, chunk({}, 'stop')] : told;
};

const outputOf = (ending: Ending): object[] => {
  if (ending.do === 'tool')
    return [
      {
        ...{ type: 'function_call', id: 'fc_1', call_id: `call_of_${ending.name}` },
        ...{ name: ending.name, arguments: ending.arguments, status: 'completed' },
      },
    ];
  const text = 'pieces' in ending ? ending.pieces.join('') : '';
  return ending.do === 'think'
    ? [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text }] }]
    : [{ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text }] }];
};

const responseOf = (ending: Ending) => ({
  ...{ ...RESPONSE, status: 'completed', output: outputOf(ending), usage: RESPONSES_USAGE },
});

const events = (ending: Ending): object[] => {
  const place = { item_id: 'item_1', output_index: 0 };
  const type = ending.do === 'think' ? 'response.reasoning_summary_text.delta' : 'response.output_text.delta';
  const pieces = 'pieces' in ending ? ending.pieces : [];
  const told =
    ending.do === 'tool'
      ? inPieces(ending.arguments).map((delta) => ({
          ...{ type: 'response.function_call_arguments.delta', ...place, delta },
        }))
      : pieces.map((delta) => ({ type, ...place, content_index: 0, delta }));
  const begun = { type: 'response.created', response: { ...RESPONSE, status: 'in_progress', output: [] } };
  const items = outputOf(ending).map((item) => ({
    ...{ type: 'response.output_item.done', output_index: 0, item },
  }));
  const isWhole = ending.do === 'answer' || ending.do === 'think' || ending.do === 'tool';
  const end = isWhole ? [...items, { type: 'response.completed', response: responseOf(ending) }] : [];
  return [begun, ...told, ...end].map((event, sequence_number) => ({ ...event, sequence_number }));
};

const EVENTS = { chat: chunks, completions: texts, responses: events } as const;

const failedOf = (api: AnswerApi, message: string): object =>
  api === 'responses' ? { type: 'error', code: 'bad', message } : { error: { message, code: 'bad' } };

const streamOf = (ending: Ending, api: AnswerApi): RawReply => {
  const told = EVENTS[api](ending);
  const failed = ending.do === 'fail' ? [failedOf(api, ending.message)] : [];
  const stalls = ending.do === 'stall';
  const usage = api === 'responses' || stalls ? [] : [{ choices: [], usage: CHAT_USAGE }];
  const done = api === 'responses' || stalls ? [] : ['data: [DONE]\n\n'];
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    pieces: [...[...told, ...failed, ...usage].map(frame), ...done],
    stalls,
  };
};

const wholeOf = (ending: Ending, api: AnswerApi): object => {
  if (ending.do === 'fail') return { ...failedOf(api, ending.message), said: ending.pieces.join('') };
  if (api === 'responses') return responseOf(ending);
  const text = 'pieces' in ending ? ending.pieces.join('') : '';
  const message = ending.do === 'think' ? { content: 'so', reasoning_content: text } : { content: text };
  const calls = ending.do === 'tool' && { content: null, tool_calls: [callIn(ending)] };
  const choice = api === 'completions' ? { text } : { message: { role: 'assistant', ...message, ...calls } };
  return {
    ...{ id: 'chatcmpl-1', created: 1, model: CANARY_MODEL, usage: CHAT_USAGE },
    object: api === 'completions' ? 'text_completion' : 'chat.completion',
    choices: [{ index: 0, ...choice, finish_reason: calls ? 'tool_calls' : 'stop' }],
  };
};

const jsonReply = (status: number, body: object): RawReply => ({
  ...{ status, headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(body)] },
});

/** An ending as a server of OpenAI's APIs would send it. */
export const replyOf = (ending: Ending, api: AnswerApi, stream: boolean): RawReply => {
  if (ending.do === 'refuse') {
    const { status, message } = ending;
    return jsonReply(status, {
      error: { message, type: 'invalid_request_error', code: 'invalid_prompt' },
    });
  }
  return stream || ending.do === 'stall' ? streamOf(ending, api) : jsonReply(200, wholeOf(ending, api));
};
