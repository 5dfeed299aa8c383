import {
  carried,
  honoured,
  refused,
  type SupportTable,
  type TurnSupport,
} from '../../../gateway/turn-support.ts';
import { STATELESS_CHAT, STATELESS_RESPONSES } from '../../stateless-support.ts';

const ONE_ANSWER = 'one answer is given';
const NO_PROBABILITIES = 'the answer is made anew, without probabilities';
const TEXT_ALONE = 'the answer is made anew, as text';
const STOP = 'the server gets it; the gateway cuts where the server did not';
const USAGE = '`include_usage`';
const TOOLS =
  'of type `function`, and `custom`, which the server knows as a function of one text; others, which only their provider could run, are refused';
const TOOL_CHOICE =
  'all of its values; `none` offers no tools, and of those that are allowed alone the others are left out';

/** Rows for parameters of Chat Completions, which are passed on under the same name. */
const same = (...names: readonly string[]): SupportTable =>
  Object.fromEntries(names.map((name) => [name, carried(name)]));

const CHAT: SupportTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  messages: honoured(
    'text and image parts; roles system, developer, user, assistant, tool; a `name` stands before the text',
  ),
  stream: honoured('the server is asked for a stream in any case'),
  stream_options: honoured(USAGE),
  tools: honoured(TOOLS),
  tool_choice: honoured(TOOL_CHOICE),
  response_format: honoured(),
  reasoning_effort: honoured(),
  stop: honoured(STOP),
  ...same('temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'seed', 'max_tokens'),
  ...same('max_completion_tokens', 'verbosity', 'prediction'),
  parallel_tool_calls: honoured('where there are tools'),
  ...same('user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'),
  ...same('service_tier', 'metadata', 'logit_bias'),
  n: refused(ONE_ANSWER, [1]),
  logprobs: refused(NO_PROBABILITIES, [false]),
  top_logprobs: refused(NO_PROBABILITIES, [0]),
  audio: refused(TEXT_ALONE),
  modalities: refused(TEXT_ALONE, [[], ['text']]),
  ...STATELESS_CHAT,
};

const COMPLETIONS: SupportTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  prompt: honoured(
    'a string, or a list of one, as the message of a user; several ones, and tokens, are refused',
  ),
  stream: honoured('the server is asked for a stream in any case'),
  stream_options: honoured(USAGE),
  stop: honoured(STOP),
  echo: honoured('by the gateway'),
  ...same('temperature', 'top_p', 'frequency_penalty', 'presence_penalty', 'seed', 'max_tokens', 'user'),
  ...same('logit_bias'),
  n: refused(ONE_ANSWER, [1]),
  best_of: refused(ONE_ANSWER, [1]),
  logprobs: refused(NO_PROBABILITIES),
  suffix: refused('a conversation has no text behind the answer', ['']),
};

const RESPONSES: SupportTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  input: honoured(
    'a string, or items: messages of text and images, calls of tools and their outputs (images of an output follow as a message of the user), `additional_tools`, reasoning by its text (encrypted reasoning, and a reference to it, is ignored); other items are refused',
  ),
  instructions: honoured('they stand before the system and developer messages that `input` begins with'),
  stream: honoured('the server is asked for a stream in any case'),
  tools: honoured(TOOLS),
  tool_choice: honoured(TOOL_CHOICE),
  text: honoured('`format`, and `verbosity`'),
  reasoning: honoured('`effort`; `context` and `mode` are ignored, and `summary` is what the server gives'),
  ...same('temperature', 'top_p'),
  max_output_tokens: carried('max_tokens', 'as `max_tokens`'),
  parallel_tool_calls: honoured('where there are tools'),
  metadata: carried('metadata', 'the response repeats it; nothing is stored'),
  ...same('user', 'safety_identifier', 'prompt_cache_key'),
  prompt_cache_options: carried('prompt_cache_options', '`prewarm` is refused'),
  ...same('prompt_cache_retention', 'service_tier'),
  top_logprobs: refused(NO_PROBABILITIES, [0]),
  ...STATELESS_RESPONSES,
};

/** How a server that only has Chat Completions treats the parameters of a turn: those that it knows are passed on. */
export const TRANSLATION_SUPPORT: TurnSupport = {
  called: 'the server',
  parameters: { chat: CHAT, completions: COMPLETIONS, responses: RESPONSES },
  forcesTools: true,
  oneCall: true,
  jsonObject: true,
  reasoning: true,
  details: true,
};
