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

type Item = { type?: string; role?: string; content?: string | { text?: string }[] };

export type ResponsesBody = {
  model: string;
  input: string | Item[];
  stream?: boolean;
  tools?: { type: string; name?: string }[];
} & Record<string, unknown>;

export const readResponses = ({ model, input, stream = false, tools = [] }: ResponsesBody): Asked => {
  const items: Item[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  const last = items.findLastIndex(({ role }) => role === 'user');
  return {
    model,
    stream,
    prompt: textOf(items[last]?.content),
    outputs: items.slice(last).filter(({ type }) => type === 'function_call_output').length,
    tools: tools.flatMap(({ name }) => name ?? []),
  };
};

const itemOf = (said: Said, id: string, isDone: boolean) => {
  const status = isDone ? 'completed' : 'in_progress';
  if (said.do === 'call') {
    const args = isDone ? argumentsOf(said) : '';
    const own = { call_id: `call_${id}`, name: said.name, arguments: args };
    return { id: `fc_${id}`, type: 'function_call', status, ...own };
  }
  const content = isDone ? [partOf(said.text)] : [];
  return { id: `msg_${id}`, type: 'message', status, role: 'assistant', content };
};

const partOf = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

const shellOf = (body: ResponsesBody, id: string, status: string, output: object[]) => ({
  id: `resp_${id}`,
  object: 'response',
  created_at: CREATED,
  status,
  error: null,
  incomplete_details: null,
  instructions: body['instructions'] ?? null,
  max_output_tokens: null,
  model: body.model,
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  store: false,
  temperature: 1,
  text: body['text'] ?? { format: { type: 'text' } },
  tool_choice: body['tool_choice'] ?? 'auto',
  tools: body.tools ?? [],
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
});

const USAGE = {
  input_tokens: INPUT_TOKENS,
  input_tokens_details: { cached_tokens: 30 },
  output_tokens: OUTPUT_TOKENS,
  output_tokens_details: { reasoning_tokens: 4 },
  total_tokens: INPUT_TOKENS + OUTPUT_TOKENS,
};

export const responsesAnswer = (body: ResponsesBody, said: Said, id: string): object => ({
  ...shellOf(body, id, 'completed', [itemOf(said, id, true)]),
  usage: USAGE,
});

type Event = { type: string } & Record<string, unknown>;

const deltasOf = (said: Said, item_id: string): Event[] => {
  const at = { item_id, output_index: 0 };
  if (said.do === 'call') {
    const args = argumentsOf(said);
    return [
      ...piecesOf(args).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
      { type: 'response.function_call_arguments.done', ...at, name: said.name, arguments: args },
    ];
  }
  const text = { ...at, content_index: 0 };
  return [
    { type: 'response.content_part.added', ...text, part: partOf('') },
    ...piecesOf(said.text).map((delta) => ({
      type: 'response.output_text.delta',
      ...text,
      delta,
      logprobs: [],
    })),
    { type: 'response.output_text.done', ...text, text: said.text, logprobs: [] },
    { type: 'response.content_part.done', ...text, part: partOf(said.text) },
  ];
};

/** The events of a streamed answer, in their order. */
export const responsesEvents = (body: ResponsesBody, said: Said, id: string): Event[] => {
  const started = { ...shellOf(body, id, 'in_progress', []), usage: null };
  const [added, done] = [itemOf(said, id, false), itemOf(said, id, true)];
  const events: Event[] = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    { type: 'response.output_item.added', output_index: 0, item: added },
    ...deltasOf(said, added.id),
    { type: 'response.output_item.done', output_index: 0, item: done },
    { type: 'response.completed', response: responsesAnswer(body, said, id) },
  ];
  return events.map((event, index) => ({ ...event, sequence_number: index }));
};
