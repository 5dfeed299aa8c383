import { GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, Settlement } from '../gateway/ports.ts';
import type { TurnEvent } from '../gateway/turn.ts';

type Counts = Pick<Settlement, 'usage' | 'usageComplete' | 'firstTokenNs' | 'finishReason'>;

const NOTHING: Counts = { usage: null, usageComplete: false, firstTokenNs: null, finishReason: null };

/** How a request ended, without what it used. */
export const settled = (
  status: number,
  outcome: Settlement['outcome'],
  error: GatewayError | null = null,
): Settlement => ({
  ...NOTHING,
  status,
  outcome,
  error,
});

/** The last byte never went out: because the request's time was over, or because the client had left. `status` is that of the head. */
export const unfinished = ({ client, signal }: Exchange, status: number): Settlement => {
  const error =
    signal.reason instanceof GatewayError
      ? signal.reason
      : new GatewayError('client_disconnected', 'The client left before the end of the answer.');
  return settled(client.headOut ? status : error.status, error.outcome, error);
};

/** A backend must end every turn with `done` or `failed`; one that does not is a fault of ours. */
export const endless = (): GatewayError => toGatewayError(new Error('a turn ended without done or failed'));

/** Keeps what the usage record needs from a turn's events as they pass. */
export interface Tally {
  take(event: TurnEvent): void;
  readonly counts: Counts;
}

export const createTally = (exchange: Exchange): Tally => {
  const counts: { -readonly [Name in keyof Counts]: Counts[Name] } = { ...NOTHING };
  let isPartial = false;
  return {
    take(event) {
      switch (event.type) {
        case 'text':
        case 'reasoning':
        case 'tool_call':
          counts.firstTokenNs ??= exchange.trace.server.now();
          return;
        case 'usage':
          counts.usage = event.usage;
          isPartial = event.isPartial === true;
          return;
        case 'done':
          counts.usageComplete = counts.usage !== null && !isPartial;
          counts.finishReason = event.finishReason;
          return;
        case 'given_up':
        case 'failed':
          return;
      }
    },
    counts,
  };
};
