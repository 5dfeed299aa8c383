import type { Model } from '../gateway/turn.ts';

/** The answer of `GET /v1/models`. `created` is when this gateway learned of them, in seconds since the epoch. */
export const modelList = (models: readonly Model[], created: number) => ({
  object: 'list',
  data: models.map(({ id }) => ({ id, object: 'model', created, owned_by: 'throughline' })),
});
