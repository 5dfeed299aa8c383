import { z } from 'zod';
import { CHAT_PARAMETERS } from './chat-parameters.ts';
import {
  bool,
  cacheOptions,
  cacheRetention,
  idOrObject,
  integer,
  metadata,
  NO_SAMPLING,
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
import { emulated, honoured, ignored, type ParameterTable, refused } from './parameters.ts';

const NOTHING_STORED = 'nothing is stored; send the whole conversation as `input`';

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
export const RESPONSES_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  input: honoured(
    'a string, or items: messages of text and images, calls of tools and their outputs (images of an output follow as a message of the user), `additional_tools`; reasoning, and a reference to it, is ignored; other items are refused. The real Codex takes images as `data:` URLs alone',
  ),
  instructions: honoured('they stand before the system and developer messages that `input` begins with'),
  stream: honoured(),
  tools: honoured(
    'of type `function`, and `custom`, which the app-server knows as a function of one text; `namespace`s of these, and `tool_search` that the client runs; others, which only their provider could run, are refused',
  ),
  tool_choice: honoured(
    'all of its values; forcing a tool is emulated: one that is named is offered alone, the model is told, and tried twice',
  ),
  text: honoured(
    '`format` of type `text` and `json_schema`, which the real Codex asks for as `strict` in any case; `json_object` is emulated: the model is told, and tried twice; `verbosity` is ignored',
  ),
  reasoning: honoured('`effort` and `summary`; `context` and `mode` are ignored'),
  temperature: ignored(temperature, NO_SAMPLING),
  top_p: ignored(topP, NO_SAMPLING),
  max_output_tokens: ignored(wholeFrom(16), 'the app-server has no limit on tokens'),
  max_tool_calls: ignored(integer, 'the gateway has no tools of its own'),
  parallel_tool_calls: emulated(
    'the model is told of `false`, and the first of several calls is given',
    bool,
  ),
  truncation: ignored(
    oneOf(['auto', 'disabled']),
    'nothing is cut; a conversation that is too long is an error',
    ['disabled'],
  ),
  include: ignored(z.array(oneOf(INCLUDABLE)), 'the answer has nothing to add', [[]]),
  stream_options: ignored(streamOptions, 'nothing is obfuscated', [{}, { include_obfuscation: false }]),
  metadata: ignored(metadata, 'the response repeats it; nothing is stored', [{}]),
  user: ignored(text),
  safety_identifier: ignored(safetyIdentifier),
  prompt_cache_key: ignored(text),
  prompt_cache_options: ignored(cacheOptions, '`prewarm` is refused', [{}]),
  prompt_cache_retention: ignored(cacheRetention),
  service_tier: ignored(serviceTier, undefined, ['auto', 'default']),
  context_management: ignored(z.array(compaction), 'nothing is compacted', [[]]),
  access_programs: ignored(object, undefined, [{}]),
  image: ignored(object, 'images are passed on as they are', [{}]),
  store: refused(bool, 'nothing is stored; without it the response says `store: false`', [false]),
  background: refused(bool, 'an answer is given in its own request', [false]),
  previous_response_id: refused(text, NOTHING_STORED),
  conversation: refused(idOrObject, NOTHING_STORED),
  prompt: refused(object, 'no prompts are stored; use `instructions` and `input`'),
  moderation: refused(object, 'the gateway does not moderate'),
  top_logprobs: refused(topLogprobs, 'the app-server gives no probabilities', [0]),
};

/** What chat refuses asks for another answer here as well, though this API does not know the word. */
const REFUSED_IN_CHAT: ParameterTable = Object.fromEntries(
  Object.entries(CHAT_PARAMETERS).filter(([, { support }]) => support === 'refused'),
);

/** The table above, and the words of the other API that a client may bring along. */
export const RESPONSES_WORDS: ParameterTable = { ...REFUSED_IN_CHAT, ...RESPONSES_PARAMETERS };
