import { z } from 'zod';
import {
  bool,
  cacheOptions,
  cacheRetention,
  choices,
  functionChoice,
  logitBias,
  metadata,
  NO_SAMPLING,
  object,
  objects,
  oneOf,
  penalty,
  safetyIdentifier,
  seed,
  serviceTier,
  temperature,
  text,
  topLogprobs,
  topP,
  verbosity,
  wholeFrom,
} from './parameter-types.ts';
import { emulated, honoured, ignored, type ParameterTable, refused } from './parameters.ts';

const NO_LIMIT = 'the app-server has no limit on tokens';
const ONE_TEXT = 'the app-server gives one answer, as text';
const NO_PROBABILITIES = 'the app-server gives no probabilities';

/** The parameters of `POST /v1/chat/completions` that the API documents. */
export const CHAT_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  messages: honoured(
    'text and image parts; roles system, developer, user, assistant, tool; a `name` stands before the text. The real Codex takes images as `data:` URLs alone',
  ),
  stream: honoured(),
  stream_options: honoured('`include_usage`'),
  tools: honoured(
    'of type `function`, and `custom`, which the app-server knows as a function of one text; others, which only their provider could run, are refused',
  ),
  tool_choice: honoured(
    'all of its values; forcing a tool is emulated: one that is named is offered alone, the model is told, and tried twice',
  ),
  response_format: honoured(
    '`text` and `json_schema`, which the real Codex asks for as `strict` in any case; `json_object` is emulated: the model is told, and tried twice',
  ),
  reasoning_effort: honoured(),
  stop: honoured(
    'the gateway cuts the answer, then interrupts the turn; an answer that was cut has the usage that is told when the turn has ended, mostly none',
  ),
  temperature: ignored(temperature, NO_SAMPLING),
  top_p: ignored(topP, NO_SAMPLING),
  frequency_penalty: ignored(penalty, NO_SAMPLING),
  presence_penalty: ignored(penalty, NO_SAMPLING),
  seed: ignored(seed, NO_SAMPLING),
  max_tokens: ignored(wholeFrom(1), NO_LIMIT),
  max_completion_tokens: ignored(wholeFrom(1), NO_LIMIT),
  verbosity: ignored(verbosity, NO_SAMPLING),
  prediction: ignored(z.looseObject({ type: oneOf(['content']) }), 'it would only be faster'),
  parallel_tool_calls: emulated(
    'the model is told of `false`, and the first of several calls is given',
    bool,
  ),
  user: ignored(text),
  safety_identifier: ignored(safetyIdentifier),
  prompt_cache_key: ignored(text),
  prompt_cache_options: ignored(cacheOptions),
  prompt_cache_retention: ignored(cacheRetention),
  service_tier: ignored(serviceTier, undefined, ['auto', 'default']),
  metadata: ignored(metadata, undefined, [{}]),
  store: refused(bool, 'nothing is stored', [false]),
  n: refused(choices, ONE_TEXT, [1]),
  logprobs: refused(bool, NO_PROBABILITIES, [false]),
  top_logprobs: refused(topLogprobs, NO_PROBABILITIES, [0]),
  logit_bias: refused(logitBias, NO_SAMPLING, [{}]),
  audio: refused(object, ONE_TEXT),
  modalities: refused(z.array(oneOf(['text', 'audio'])), ONE_TEXT, [[], ['text']]),
  moderation: refused(object, 'the gateway does not moderate'),
  web_search_options: refused(object, 'the gateway does not search the web'),
  functions: refused(objects, 'use `tools`', [[]]),
  function_call: refused(functionChoice, 'use `tool_choice`', ['auto', 'none']),
};
