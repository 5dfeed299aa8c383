import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../errors.ts';
import type { Exchange, Settlement } from '../gateway/ports.ts';
import { systemLater } from '../later.ts';
import type { RequestTrace } from '../telemetry/index.ts';
import { shuttingDown } from './admission/refusals.ts';
import { type Deadline, timeLimit } from './deadline.ts';
import type { BodyState } from './upcoming-body.ts';

/** Opens requests, knows which are still open, and ends them in order at shutdown. */
export interface Exchanges {
  readonly open: number;
  /** Runs one request to its settlement. `abort` ends it early, with the error that says why. */
  run(plan: ExchangePlan): Promise<Settlement>;
  /** The request that is being read from or answered on this socket. */
  onSocket(socket: Socket): OpenExchange | undefined;
  /** Waits for the open requests, then ends what is left as `shutting_down`. */
  drain(graceMs: number): Promise<void>;
  /** Ends what is open with this error, at once, and waits at most `ms` until all have said so. */
  end(error: GatewayError, ms: number): Promise<void>;
}

export interface OpenExchange {
  /** Whether the request's own body may still arrive, and whether that matters. */
  readonly body: BodyState;
  abort(error: GatewayError): void;
  readonly settled: Promise<Settlement>;
}

export interface ExchangePlan {
  readonly reqId: string;
  readonly socket: Socket;
  readonly openTrace: () => RequestTrace;
  /** `stalled` is for a client that takes no more bytes. */
  readonly createClient: (
    signal: AbortSignal,
    stalled: (error: GatewayError) => void,
    traceId: string,
  ) => Exchange['client'];
  readonly receive: (exchange: Exchange) => Exchange['receive'];
  readonly body: () => BodyState;
  /** How long the client itself wants to wait. */
  readonly deadline: Deadline;
  /** Calls back when the client has left before its answer was complete. */
  readonly onDeparture: (left: () => void) => void;
}

interface ExchangesDeps {
  readonly runRequest: (exchange: Exchange) => Promise<Settlement>;
  readonly onSettled: (exchange: Exchange, settlement: Settlement) => void;
  readonly timeoutMs: number;
}

/** How long requests that were ended may take to say so. */
const LAST_WORDS_MS = 5_000;

/** How a request ends whose client is not there any more. */
export const clientLeft = () =>
  new GatewayError('client_disconnected', 'The client left before the answer was complete.');

const openExchange = (
  plan: ExchangePlan,
  controller: AbortController,
  settled: Promise<Settlement>,
): OpenExchange => ({
  get body() {
    return plan.body();
  },
  abort: (error) => controller.abort(error),
  settled,
});

const noFacts = (): Exchange['facts'] => ({
  model: null,
  responseModel: null,
  responseId: null,
  backend: null,
  keyName: null,
  times: { queueMs: null, connectMs: null, headMs: null, upstreamMs: null },
  ignored: [],
  emulated: [],
});

export const createExchanges = ({ runRequest, onSettled, timeoutMs }: ExchangesDeps): Exchanges => {
  const running = new Set<OpenExchange>();
  /** The newest request of each socket: what its parser complains about. */
  const newest = new WeakMap<Socket, OpenExchange>();

  const prepare = (plan: ExchangePlan, controller: AbortController, limitMs: number): Exchange => {
    const trace = plan.openTrace();
    const receivedNs = trace.server.now();
    const exchange: Exchange = {
      reqId: plan.reqId,
      trace,
      client: plan.createClient(controller.signal, (error) => controller.abort(error), trace.traceId),
      signal: controller.signal,
      receivedNs,
      remainingMs: () => limitMs - Number(trace.server.now() - receivedNs) / 1e6,
      facts: noFacts(),
      receive: (span) => plan.receive(exchange)(span),
    };
    return exchange;
  };

  const allSettled = async (ms: number): Promise<void> => {
    const settlements = Promise.allSettled([...running].map(({ settled }) => settled));
    await Promise.race([settlements, pause(ms, undefined, { ref: false })]);
  };

  const end = async (error: GatewayError, ms: number): Promise<void> => {
    for (const exchange of running) exchange.abort(error);
    await allSettled(ms);
  };

  return {
    get open() {
      return running.size;
    },
    async run(plan) {
      const controller = new AbortController();
      plan.onDeparture(() => controller.abort(clientLeft()));
      const limit = timeLimit(plan.deadline, timeoutMs);
      const exchange = prepare(plan, controller, limit.ms);
      const cancel = systemLater(limit.ms, () => controller.abort(limit.error()));
      const settled = runRequest(exchange);
      const open = openExchange(plan, controller, settled);
      running.add(open);
      newest.set(plan.socket, open);
      try {
        const settlement = await settled;
        onSettled(exchange, settlement);
        return settlement;
      } finally {
        cancel();
        running.delete(open);
        // One that was answered before its body had come is still what the parser complains about.
        if (newest.get(plan.socket) === open && open.body === 'whole') newest.delete(plan.socket);
      }
    },
    onSocket: (socket) => newest.get(socket),
    async drain(graceMs) {
      await allSettled(graceMs);
      await end(shuttingDown(), LAST_WORDS_MS);
    },
    end,
  };
};
