import type { Model } from '../gateway/turn.ts';

/** The answer of `GET /v1/models/{id}`. `created` is when this gateway learned of it, in seconds since the epoch. */
export const modelObject = ({ id }: Model, created: number) => ({
  id,
  object: 'model',
  created,
  owned_by: 'throughline',
});

/** The answer of `GET /v1/models`. */
export const modelList = (models: readonly Model[], created: number) => ({
  object: 'list',
  data: models.map((model) => modelObject(model, created)),
});
