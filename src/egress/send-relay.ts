import type { Exchange, RelayAnswer, Settlement } from '../gateway/ports.ts';
import type { RelayEvent } from '../gateway/relay.ts';

/** Phase 4 of an answer that is sent on as it came. */
export const sendRelay = async (
  _exchange: Exchange,
  _answer: RelayAnswer,
  _events: AsyncIterable<RelayEvent>,
): Promise<Settlement> => {
  throw new Error('not built yet');
};
