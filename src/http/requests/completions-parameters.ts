import { choices, logitBias, penalty, seed, temperature, text, topP, wholeFrom } from './parameter-types.ts';
import type { ParameterTypes } from './parameters.ts';

/** The parameters of `POST /v1/completions` that the API documents. */
export const COMPLETIONS_PARAMETERS: ParameterTypes = {
  model: null,
  prompt: null,
  stream: null,
  stream_options: null,
  stop: null,
  echo: null,
  temperature,
  top_p: topP,
  frequency_penalty: penalty,
  presence_penalty: penalty,
  seed,
  max_tokens: wholeFrom(1),
  user: text,
  n: choices,
  best_of: wholeFrom(0, 20),
  logprobs: wholeFrom(0, 5),
  logit_bias: logitBias,
  suffix: text,
};
