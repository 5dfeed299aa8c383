import { empty, honoured, ignored, only, type ParameterTable, refused } from './parameters.ts';

const NO_SAMPLING = 'the app-server has no such setting';
const NOTHING_STORED = 'nothing is stored; send the whole conversation as `input`';

const isUnobfuscated = (options: unknown): boolean =>
  empty(options) || (options as { include_obfuscation?: unknown }).include_obfuscation === false;

/** The parameters of `POST /v1/responses` that the API documents: `ResponseCreateParams` of the openai package. */
export const RESPONSES_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  input: honoured(
    'a string, or items: messages of text and images, function calls and their outputs (images of an output follow as a message of the user); `item_reference` is refused, other items are ignored',
  ),
  instructions: honoured('they stand before the system and developer messages that `input` begins with'),
  stream: honoured(),
  tools: honoured('of type `function`; tools of other types are ignored'),
  tool_choice: honoured('`auto` and `none`; forcing a tool is refused'),
  text: honoured(
    '`format` of type `text` and `json_schema`; `json_object` is refused, `verbosity` is ignored',
  ),
  reasoning: honoured('`effort` and `summary`; `context` and `mode` are ignored'),
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  max_output_tokens: ignored('the app-server has no limit on tokens'),
  max_tool_calls: ignored('the gateway has no tools of its own'),
  parallel_tool_calls: ignored('the model decides', only(true)),
  truncation: ignored('nothing is cut; a conversation that is too long is an error', only('disabled')),
  include: ignored('the answer has nothing to add', empty),
  stream_options: ignored('nothing is obfuscated', isUnobfuscated),
  metadata: ignored('the response repeats it; nothing is stored', empty),
  user: ignored(),
  safety_identifier: ignored(),
  prompt_cache_key: ignored(),
  prompt_cache_options: ignored('`prewarm` is refused', empty),
  prompt_cache_retention: ignored(),
  service_tier: ignored(undefined, only('auto', 'default')),
  context_management: ignored('nothing is compacted', empty),
  access_programs: ignored(undefined, empty),
  image: ignored('images are passed on as they are', empty),
  store: refused('nothing is stored; without it the response says `store: false`', only(false)),
  background: refused('an answer is given in its own request', only(false)),
  previous_response_id: refused(NOTHING_STORED),
  conversation: refused(NOTHING_STORED),
  prompt: refused('no prompts are stored; use `instructions` and `input`'),
  moderation: refused('the gateway does not moderate'),
  top_logprobs: refused('the app-server gives no probabilities', only(0)),
};
