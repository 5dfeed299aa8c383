import { z } from 'zod';
import {
  bool,
  cacheOptions,
  cacheRetention,
  idOrObject,
  integer,
  metadata,
  object,
  oneOf,
  safetyIdentifier,
  serviceTier,
  temperature,
  text,
  topLogprobs,
  topP,
  wholeFrom,
} from './parameter-types.ts';
import type { ParameterTypes } from './parameters.ts';

/** What an answer may be asked to have besides. */
const INCLUDABLE = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const;

const compaction = z.looseObject({ compact_threshold: wholeFrom(1000).nullish() });

const streamOptions = z.looseObject({ include_obfuscation: z.boolean().nullish() });

/** The parameters of `POST /v1/responses` that the API documents: `ResponseCreateParams` of the openai package. */
export const RESPONSES_PARAMETERS: ParameterTypes = {
  model: null,
  input: null,
  instructions: null,
  stream: null,
  tools: null,
  tool_choice: null,
  text: null,
  reasoning: null,
  temperature,
  top_p: topP,
  max_output_tokens: wholeFrom(16),
  max_tool_calls: integer,
  parallel_tool_calls: bool,
  truncation: oneOf(['auto', 'disabled']),
  include: z.array(oneOf(INCLUDABLE)),
  stream_options: streamOptions,
  metadata,
  user: text,
  safety_identifier: safetyIdentifier,
  prompt_cache_key: text,
  prompt_cache_options: cacheOptions,
  prompt_cache_retention: cacheRetention,
  service_tier: serviceTier,
  context_management: z.array(compaction),
  access_programs: object,
  image: object,
  store: bool,
  background: bool,
  previous_response_id: text,
  conversation: idOrObject,
  prompt: object,
  moderation: object,
  top_logprobs: topLogprobs,
};
