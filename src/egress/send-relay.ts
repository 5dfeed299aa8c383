import { GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, RelayAnswer, Settlement } from '../gateway/ports.ts';
import type { RelayEnd, RelayEvent } from '../gateway/relay.ts';
import { createRelayOut, type RelayOut } from './relay-out.ts';
import { refuse } from './send-json.ts';
import { endless, settled, unfinished } from './settle.ts';

/** How an answer ended on the side of the backend. */
type Ending =
  | { readonly type: 'ended'; readonly end: RelayEnd }
  | {
      readonly type: 'failed';
      readonly error: GatewayError;
      readonly inFrame: boolean;
      readonly end: RelayEnd | null;
    };

/** Somebody who leaves with the last frame in hand has all of the answer. */
const leftSatisfied = (out: RelayOut, reason: unknown): boolean =>
  out.hasTerminal && reason instanceof GatewayError && reason.code === 'client_disconnected';

/**
 * Sends what comes, and gives how it ended. What is left of an answer whose client has gone is not sent, and read to its end: it ends soon, and
 * tells then what it has used.
 */
const pass = async (
  exchange: Exchange,
  events: AsyncIterable<RelayEvent>,
  out: RelayOut,
): Promise<Ending> => {
  let gone: GatewayError | null = null;
  let ending: Ending | null = null;
  const failed = (error: GatewayError, end: RelayEnd | null = null): Ending => ({
    type: 'failed',
    error,
    inFrame: true,
    end,
  });
  try {
    for await (const event of events) {
      if (event.type === 'end') ending = { type: 'ended', end: event.end };
      else if (event.type === 'failed') ending = event;
      else if (!gone) {
        await out.take(event).catch((thrown: unknown) => {
          if (!exchange.signal.aborted) throw thrown;
          gone = toGatewayError(thrown);
        });
      }
    }
  } catch (thrown) {
    return failed(toGatewayError(thrown));
  }
  if (gone && !leftSatisfied(out, gone)) return failed(gone, ending?.end ?? null);
  return ending ?? failed(endless());
};

/** Tells the client that the answer failed, as far as that can still be told. */
const closeFailed = async (
  exchange: Exchange,
  out: RelayOut,
  error: GatewayError,
  inFrame: boolean,
): Promise<Settlement> => {
  if (!out.isOpen) return refuse(exchange, error);
  if (error.outcome === 'client_disconnect') await out.end();
  else if (out.isStream && !inFrame) await out.sayFailed(error);
  else out.cut();
  out.close(error.outcome, error);
  return settled(exchange.client.headOut ? out.status : error.status, error.outcome, error);
};

const closeEnded = async (
  exchange: Exchange,
  out: RelayOut,
  error: GatewayError | null,
): Promise<Settlement> => {
  const isComplete = (await out.end()) || leftSatisfied(out, exchange.signal.reason);
  if (!isComplete) {
    const settlement = unfinished(exchange, out.status);
    out.close(settlement.outcome, settlement.error);
    return settlement;
  }
  out.tellDone(error === null);
  // An error that was sent on as it came is no failure of the sending.
  out.close(error?.outcome ?? 'completed', out.isStream ? error : null);
  return settled(out.status, error?.outcome ?? 'completed', error);
};

/** Phase 4 of an answer that is sent on as it came: with the backend's own status, and with its bytes. */
export const sendRelay = async (
  exchange: Exchange,
  { request }: RelayAnswer,
  events: AsyncIterable<RelayEvent>,
): Promise<Settlement> => {
  const out = createRelayOut(exchange, request.api);
  const ending = await pass(exchange, events, out);
  const settlement =
    ending.type === 'failed'
      ? await closeFailed(exchange, out, ending.error, ending.inFrame)
      : await closeEnded(exchange, out, ending.end.error);
  if (!ending.end) return settlement;
  const { usage, usageComplete, firstTokenNs, finishReason } = ending.end;
  return { ...settlement, usage, usageComplete, firstTokenNs, finishReason };
};
