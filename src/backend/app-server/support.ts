import {
  emulated,
  honoured,
  ignored,
  refused,
  type SupportTable,
  type TurnSupport,
} from '../../gateway/turn-support.ts';
import { STATELESS_CHAT, STATELESS_RESPONSES } from '../stateless-support.ts';

const NO_SAMPLING = 'the app-server has no such setting';
const NO_LIMIT = 'the app-server has no limit on tokens';
const ONE_TEXT = 'the app-server gives one answer, as text';
const NO_PROBABILITIES = 'the app-server gives no probabilities';

const CHAT: SupportTable = {
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
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  frequency_penalty: ignored(NO_SAMPLING),
  presence_penalty: ignored(NO_SAMPLING),
  seed: ignored(NO_SAMPLING),
  max_tokens: ignored(NO_LIMIT),
  max_completion_tokens: ignored(NO_LIMIT),
  verbosity: ignored(NO_SAMPLING),
  prediction: ignored('it would only be faster'),
  parallel_tool_calls: emulated('the model is told of `false`, and the first of several calls is given'),
  user: ignored(),
  safety_identifier: ignored(),
  prompt_cache_key: ignored(),
  prompt_cache_options: ignored(),
  prompt_cache_retention: ignored(),
  service_tier: ignored(undefined, ['auto', 'default']),
  metadata: ignored(undefined, [{}]),
  n: refused(ONE_TEXT, [1]),
  logprobs: refused(NO_PROBABILITIES, [false]),
  top_logprobs: refused(NO_PROBABILITIES, [0]),
  logit_bias: refused(NO_SAMPLING, [{}]),
  audio: refused(ONE_TEXT),
  modalities: refused(ONE_TEXT, [[], ['text']]),
  ...STATELESS_CHAT,
};

const COMPLETIONS: SupportTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  prompt: honoured('a string, or a list of one; several ones, and tokens, are refused'),
  stream: honoured(),
  stream_options: honoured('`include_usage`'),
  stop: honoured(
    'the gateway cuts the answer, then interrupts the turn; an answer that was cut has the usage that is told when the turn has ended, mostly none',
  ),
  echo: honoured(),
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  frequency_penalty: ignored(NO_SAMPLING),
  presence_penalty: ignored(NO_SAMPLING),
  seed: ignored(NO_SAMPLING),
  max_tokens: ignored('the app-server has no limit on tokens'),
  user: ignored(),
  n: refused('the app-server gives one answer', [1]),
  best_of: refused('the app-server gives one answer', [1]),
  logprobs: refused('the app-server gives no probabilities'),
  logit_bias: refused(NO_SAMPLING, [{}]),
  suffix: refused('the app-server does not fill in', ['']),
};

const RESPONSES: SupportTable = {
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
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  max_output_tokens: ignored('the app-server has no limit on tokens'),
  parallel_tool_calls: emulated('the model is told of `false`, and the first of several calls is given'),
  metadata: ignored('the response repeats it; nothing is stored', [{}]),
  user: ignored(),
  safety_identifier: ignored(),
  prompt_cache_key: ignored(),
  prompt_cache_options: ignored('`prewarm` is refused', [{}]),
  prompt_cache_retention: ignored(),
  service_tier: ignored(undefined, ['auto', 'default']),
  top_logprobs: refused('the app-server gives no probabilities', [0]),
  ...STATELESS_RESPONSES,
};

/** What the app-server makes of each parameter: it has no settings of sampling, and none that hold the model to a form but a schema. */
export const APP_SERVER_SUPPORT: TurnSupport = {
  called: 'the app-server',
  parameters: { chat: CHAT, completions: COMPLETIONS, responses: RESPONSES },
  forcesTools: false,
  oneCall: false,
  jsonObject: false,
  reasoning: false,
  details: false,
};
