import { GatewayError } from '../../errors.ts';
import type { Model } from '../../gateway/turn.ts';

/** Names that the message shows; there may be thousands. */
const MAX_SHOWN = 50;

/** The model of that id. Throws `model_not_found`, with the names of those that are there. */
export const findModel = (models: readonly Model[], wanted: string): Model => {
  const found = models.find(({ id }) => id === wanted);
  if (found) return found;
  const shown = models.slice(0, MAX_SHOWN).map(({ id }) => id);
  const more = models.length > MAX_SHOWN ? ` and ${models.length - MAX_SHOWN} more` : '';
  throw new GatewayError(
    'model_not_found',
    `The model '${wanted}' does not exist. Known models: ${shown.join(', ')}${more}.`,
    { param: 'model' },
  );
};
