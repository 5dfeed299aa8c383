import { empty, honoured, ignored, only, type ParameterTable, refused } from './parameters.ts';

const NO_SAMPLING = 'the app-server has no such setting';
const NO_LIMIT = 'the app-server has no limit on tokens';
const ONE_TEXT = 'the app-server gives one answer, as text';

/** The parameters of `POST /v1/chat/completions` that the API documents. */
export const CHAT_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  messages: honoured('text and image parts; roles system, developer, user, assistant, tool'),
  stream: honoured(),
  stream_options: honoured('`include_usage`'),
  tools: honoured('of type `function`; tools of other types are ignored'),
  tool_choice: honoured('`auto` and `none`; forcing a tool is refused'),
  response_format: honoured('`text` and `json_schema`; `json_object` is refused'),
  reasoning_effort: honoured(),
  stop: honoured('the gateway cuts the answer, then interrupts the turn'),
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  frequency_penalty: ignored(NO_SAMPLING),
  presence_penalty: ignored(NO_SAMPLING),
  seed: ignored(NO_SAMPLING),
  max_tokens: ignored(NO_LIMIT),
  max_completion_tokens: ignored(NO_LIMIT),
  verbosity: ignored(NO_SAMPLING),
  prediction: ignored('it would only be faster'),
  parallel_tool_calls: ignored('the model decides', only(true)),
  user: ignored(),
  safety_identifier: ignored(),
  prompt_cache_key: ignored(),
  prompt_cache_options: ignored(),
  prompt_cache_retention: ignored(),
  service_tier: ignored(undefined, only('auto', 'default')),
  metadata: ignored(undefined, empty),
  store: refused('nothing is stored', only(false)),
  n: refused(ONE_TEXT, only(1)),
  logprobs: refused('the app-server gives no probabilities', only(false)),
  top_logprobs: refused('the app-server gives no probabilities', only(0)),
  logit_bias: refused(NO_SAMPLING, empty),
  audio: refused(ONE_TEXT),
  modalities: refused(
    ONE_TEXT,
    (value) => Array.isArray(value) && value.every((modality) => modality === 'text'),
  ),
  moderation: refused('the gateway does not moderate'),
  web_search_options: refused('the gateway does not search the web'),
  functions: refused('use `tools`', empty),
  function_call: refused('use `tool_choice`', only('auto', 'none')),
};
