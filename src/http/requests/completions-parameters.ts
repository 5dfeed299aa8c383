import { empty, honoured, ignored, only, type ParameterTable, refused } from './parameters.ts';

const NO_SAMPLING = 'the app-server has no such setting';

/** The parameters of `POST /v1/completions` that the API documents. */
export const COMPLETIONS_PARAMETERS: ParameterTable = {
  model: honoured('must be one that `GET /v1/models` lists'),
  prompt: honoured('a string, or a list of one; tokens are refused'),
  stream: honoured(),
  stream_options: honoured('`include_usage`'),
  stop: honoured('the gateway cuts the answer, then interrupts the turn'),
  echo: honoured(),
  temperature: ignored(NO_SAMPLING),
  top_p: ignored(NO_SAMPLING),
  frequency_penalty: ignored(NO_SAMPLING),
  presence_penalty: ignored(NO_SAMPLING),
  seed: ignored(NO_SAMPLING),
  max_tokens: ignored('the app-server has no limit on tokens'),
  user: ignored(),
  n: refused('the app-server gives one answer', only(1)),
  best_of: refused('the app-server gives one answer', only(1)),
  logprobs: refused('the app-server gives no probabilities'),
  logit_bias: refused(NO_SAMPLING, empty),
  suffix: refused('the app-server does not fill in', only('')),
};
