import { z } from 'zod';
import { MESSAGE_PHASES } from '../../gateway/turn.ts';

const status = z.enum(['in_progress', 'completed', 'incomplete']);

const outputText = z.object({
  type: z.literal('output_text'),
  annotations: z.array(z.never()),
  logprobs: z.array(z.never()),
  text: z.string(),
});
const summaryText = z.object({ type: z.literal('summary_text'), text: z.string() });

const item = z.discriminatedUnion('type', [
  z.object({
    id: z.string(),
    type: z.literal('message'),
    status,
    role: z.literal('assistant'),
    content: z.array(outputText),
    phase: z.enum(MESSAGE_PHASES).optional(),
  }),
  z.object({ id: z.string(), type: z.literal('reasoning'), status, summary: z.array(summaryText) }),
  z.object({
    id: z.string(),
    type: z.literal('function_call'),
    status,
    call_id: z.string(),
    name: z.string(),
    namespace: z.string().optional(),
    arguments: z.string(),
  }),
  z.object({
    id: z.string(),
    type: z.literal('custom_tool_call'),
    status,
    call_id: z.string(),
    name: z.string(),
    input: z.string(),
  }),
  z.object({
    id: z.string(),
    type: z.literal('tool_search_call'),
    status,
    call_id: z.string(),
    execution: z.literal('client'),
    arguments: z.unknown(),
  }),
]);

const usage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});

/** `Response` of the Responses API. */
export const response = z.object({
  id: z.string(),
  object: z.literal('response'),
  created_at: z.int(),
  status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
  background: z.literal(false),
  completed_at: z.int().nullable(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      request_id: z.string(),
      trace_id: z.string(),
      service: z.string().optional(),
      timestamp: z.iso.datetime().optional(),
      cause: z.string().optional(),
      cause_type: z.string().optional(),
    })
    .nullable(),
  incomplete_details: z.object({ reason: z.enum(['max_output_tokens', 'content_filter']) }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.null(),
  max_tool_calls: z.null(),
  model: z.string(),
  output: z.array(item),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.null(),
  reasoning: z.object({ effort: z.string().nullable(), summary: z.string().nullable() }),
  access_programs: z.null(),
  store: z.literal(false),
  temperature: z.null(),
  text: z.object({ format: z.looseObject({ type: z.string() }) }),
  tool_choice: z.union([
    z.enum(['auto', 'none', 'required']),
    z.object({
      type: z.literal('allowed_tools'),
      mode: z.enum(['auto', 'required']),
      tools: z.array(z.looseObject({})),
    }),
    z.looseObject({ type: z.enum(['function', 'custom']), name: z.string() }),
  ]),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })),
  top_logprobs: z.literal(0),
  top_p: z.null(),
  truncation: z.literal('disabled'),
  usage: usage.nullable(),
  metadata: z.record(z.string(), z.string()),
});

/** The fields of one event of a stream, by the end of its name behind `response.`. */
const event = <Fields extends z.ZodRawShape>(name: string, fields: Fields) =>
  z.object({ type: z.literal(`response.${name}`), sequence_number: z.int(), ...fields });

const place = { item_id: z.string(), output_index: z.int() };
const textPlace = { ...place, content_index: z.int() };
const summaryPlace = { ...place, summary_index: z.int() };
const logprobs = z.array(z.never());

/** `ResponseStreamEvent` of the Responses API, as far as the gateway has them. */
export const responseStreamEvent = z.discriminatedUnion('type', [
  event('created', { response }),
  event('in_progress', { response }),
  event('output_item.added', { output_index: z.int(), item }),
  event('content_part.added', { ...textPlace, part: outputText }),
  event('output_text.delta', { ...textPlace, logprobs, delta: z.string() }),
  event('output_text.done', { ...textPlace, logprobs, text: z.string() }),
  event('content_part.done', { ...textPlace, part: outputText }),
  event('reasoning_summary_part.added', { ...summaryPlace, part: summaryText }),
  event('reasoning_summary_text.delta', { ...summaryPlace, delta: z.string() }),
  event('reasoning_summary_text.done', { ...summaryPlace, text: z.string() }),
  event('reasoning_summary_part.done', { ...summaryPlace, part: summaryText }),
  event('function_call_arguments.delta', { ...place, delta: z.string() }),
  event('function_call_arguments.done', { ...place, name: z.string(), arguments: z.string() }),
  event('custom_tool_call_input.delta', { ...place, delta: z.string() }),
  event('custom_tool_call_input.done', { ...place, input: z.string() }),
  event('output_item.done', { output_index: z.int(), item }),
  event('completed', { response }),
  event('incomplete', { response }),
  event('failed', { response }),
]);
