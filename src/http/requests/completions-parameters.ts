import {
  choices,
  logitBias,
  NO_SAMPLING,
  penalty,
  seed,
  temperature,
  text,
  topP,
  wholeFrom,
} from './parameter-types.ts';
import { honoured, ignored, type ParameterTable, refused } from './parameters.ts';

/** The parameters of `POST /v1/completions` that the API documents. */
export const COMPLETIONS_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  prompt: honoured('a string, or a list of one; several ones, and tokens, are refused'),
  stream: honoured(),
  stream_options: honoured('`include_usage`'),
  stop: honoured(
    'the gateway cuts the answer, then interrupts the turn; an answer that was cut has the usage that is told when the turn has ended, mostly none',
  ),
  echo: honoured(),
  temperature: ignored(temperature, NO_SAMPLING),
  top_p: ignored(topP, NO_SAMPLING),
  frequency_penalty: ignored(penalty, NO_SAMPLING),
  presence_penalty: ignored(penalty, NO_SAMPLING),
  seed: ignored(seed, NO_SAMPLING),
  max_tokens: ignored(wholeFrom(1), 'the app-server has no limit on tokens'),
  user: ignored(text),
  n: refused(choices, 'the app-server gives one answer', [1]),
  best_of: refused(wholeFrom(0, 20), 'the app-server gives one answer', [1]),
  logprobs: refused(wholeFrom(0, 5), 'the app-server gives no probabilities'),
  logit_bias: refused(logitBias, NO_SAMPLING, [{}]),
  suffix: refused(text, 'the app-server does not fill in', ['']),
};
