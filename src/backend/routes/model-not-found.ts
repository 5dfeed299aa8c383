import { GatewayError } from '../../errors.ts';
import type { Model } from '../../gateway/turn.ts';

/** How many names the message shows. There may be thousands. */
const MAX_SHOWN = 50;

/**
 * The model with that id.
 *
 * @throws GatewayError `model_not_found`, with the known names
 */
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
