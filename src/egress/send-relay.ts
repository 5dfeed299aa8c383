import { GatewayError, toGatewayError } from '../errors.ts';
import type { Exchange, RelayAnswer, Settlement } from '../gateway/ports.ts';
import type { RelayEnd, RelayFlow, TakeRelayed } from '../gateway/relay.ts';
import { createRelayOut, type RelayOut } from './relay-out.ts';
import { refuse } from './send-json.ts';
import { endless, settled, unfinished } from './settle.ts';

/** How the backend's answer ended. */
type Ending =
  | { readonly type: 'ended'; readonly end: RelayEnd }
  | {
      readonly type: 'failed';
      readonly error: GatewayError;
      readonly inFrame: boolean;
      readonly end: RelayEnd | null;
    };

/** Whether the client disconnected after it got the last frame, and so has the whole answer. */
const leftSatisfied = (out: RelayOut, reason: unknown): boolean =>
  out.hasTerminal() && reason instanceof GatewayError && reason.code === 'client_disconnected';

const failed = (error: GatewayError, end: RelayEnd | null = null): Ending => ({
  type: 'failed',
  error,
  inFrame: true,
  end,
});

/**
 * Sends the events of an answer, and returns how it ended. If the client disconnects, the rest is read but not sent: the
 * answer ends soon, and its end has the usage.
 */
const pass = async (exchange: Exchange, flow: RelayFlow, out: RelayOut): Promise<Ending> => {
  let gone: GatewayError | null = null;
  let fault: GatewayError | null = null;
  let ending: Ending | null = null;
  const left = (thrown: unknown): void => {
    if (!exchange.signal.aborted) fault ??= toGatewayError(thrown);
    gone = toGatewayError(thrown);
  };
  const take: TakeRelayed = (event) => {
    if (event.type === 'end') ending = { type: 'ended', end: event.end };
    else if (event.type === 'failed') ending = event;
    else if (!gone) {
      try {
        return out.take(event)?.catch(left) ?? null;
      } catch (thrown) {
        left(thrown);
      }
    }
    return null;
  };
  try {
    await flow(take);
  } catch (thrown) {
    return failed(toGatewayError(thrown));
  }
  const reached = ending as Ending | null;
  if (fault) return failed(fault);
  if (gone && !leftSatisfied(out, gone)) return failed(gone, reached?.end ?? null);
  return reached ?? failed(endless());
};

/** Ends a failed answer: with a status if the head is not sent, with an error event if one can follow, else by closing the connection. */
const closeFailed = async (
  exchange: Exchange,
  out: RelayOut,
  error: GatewayError,
  inFrame: boolean,
): Promise<Settlement> => {
  if (!out.isOpen()) return refuse(exchange, error);
  if (error.outcome === 'client_disconnect') await out.end();
  else if (out.isStream() && !inFrame) await out.sayFailed(error);
  else out.cut();
  out.close(error.outcome, error);
  return settled(exchange.client.headOut ? out.status() : error.status, error.outcome, error);
};

const closeEnded = async (
  exchange: Exchange,
  out: RelayOut,
  error: GatewayError | null,
): Promise<Settlement> => {
  const isComplete = (await out.end()) || leftSatisfied(out, exchange.signal.reason);
  if (!isComplete) {
    const settlement = unfinished(exchange, out.status());
    out.close(settlement.outcome, settlement.error);
    return settlement;
  }
  out.tellDone(error === null);
  // A relayed error was sent well, so its egress span does not fail.
  out.close(error?.outcome ?? 'completed', out.isStream() ? error : null);
  return settled(out.status(), error?.outcome ?? 'completed', error);
};

/** Phase 4 of a relayed answer: sends the backend's status and bytes to the client. */
export const sendRelay = async (
  exchange: Exchange,
  { request }: RelayAnswer,
  flow: RelayFlow,
): Promise<Settlement> => {
  const out = createRelayOut(exchange, request.api);
  const ending = await pass(exchange, flow, out);
  const settlement =
    ending.type === 'failed'
      ? await closeFailed(exchange, out, ending.error, ending.inFrame)
      : await closeEnded(exchange, out, ending.end.error);
  if (!ending.end) return settlement;
  const { usage, usageComplete, firstTokenNs, finishReason } = ending.end;
  return { ...settlement, usage, usageComplete, firstTokenNs, finishReason };
};
