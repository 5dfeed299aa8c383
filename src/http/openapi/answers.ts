import { z } from 'zod';
import { response, responseStreamEvent } from './responses-answers.ts';

/** What the API answers, for its description; a test holds the encoders to it. */
const usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int(), cache_write_tokens: z.int() }),
  completion_tokens_details: z.object({ reasoning_tokens: z.int() }),
});
const finishReason = z.enum(['stop', 'tool_calls', 'length', 'content_filter']);
const head = { id: z.string(), created: z.int(), model: z.string() };

const toolCall = z.discriminatedUnion('type', [
  z.object({
    id: z.string(),
    type: z.literal('function'),
    function: z.object({ name: z.string(), arguments: z.string() }),
  }),
  z.object({
    id: z.string(),
    type: z.literal('custom'),
    custom: z.object({ name: z.string(), input: z.string() }),
  }),
]);
const toolCallDelta = z.union([
  z.object({
    index: z.int(),
    id: z.string().optional(),
    type: z.literal('function').optional(),
    function: z.object({ name: z.string().optional(), arguments: z.string() }),
  }),
  z.object({
    index: z.int(),
    id: z.string().optional(),
    type: z.literal('custom').optional(),
    custom: z.object({ name: z.string().optional(), input: z.string() }),
  }),
]);

const model = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});

export const ANSWERS = {
  ChatCompletion: z.object({
    ...head,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.null(),
          tool_calls: z.array(toolCall).optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    ),
    usage: usage.optional(),
  }),
  ChatCompletionChunk: z.object({
    ...head,
    object: z.literal('chat.completion.chunk'),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          tool_calls: z.array(toolCallDelta).optional(),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usage.nullable().optional(),
  }),
  Completion: z.object({
    ...head,
    object: z.literal('text_completion'),
    choices: z.array(
      z.object({
        text: z.string(),
        index: z.int(),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usage.nullable().optional(),
  }),
  Response: response,
  ResponseStreamEvent: responseStreamEvent,
  Model: model,
  ModelList: z.object({ object: z.literal('list'), data: z.array(model) }),
  Error: z.object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
      request_id: z.string(),
      trace_id: z.string(),
      service: z.string().optional(),
      timestamp: z.iso.datetime().optional(),
      cause: z.string().optional(),
      cause_type: z.string().optional(),
    }),
  }),
} as const;

export type AnswerName = keyof typeof ANSWERS;
