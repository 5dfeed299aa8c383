import type { Exchange, RelayAnswer } from '../gateway/ports.ts';
import type { RelayEvent } from '../gateway/relay.ts';

/** Phase 3 of a request that was sent on as it came. */
export const createRelayIo = () =>
  async function* relayIo(_exchange: Exchange, _answer: RelayAnswer): AsyncGenerator<RelayEvent> {
    yield { type: 'bytes', bytes: new Uint8Array() };
    throw new Error('not built yet');
  };
