import { GatewayError, toGatewayError } from '../../errors.ts';
import type { HttpBackendSettings } from '../../gateway/http-backend-settings.ts';
import type { RelayBackend } from '../../gateway/ports.ts';
import type { Api, RelayContext, RelayRequest, RunningRelay } from '../../gateway/relay.ts';
import type { WallTimers } from '../../later.ts';
import type { Pace } from '../../pace.ts';
import { serverOf } from './relay/attempt.ts';
import { type CircuitView, createCircuitBreaker } from './relay/circuit.ts';
import { createConnections } from './relay/connections.ts';
import { RelayFailure } from './relay/failure.ts';
import { askForModels } from './relay/list-models.ts';
import { relayRequest } from './relay/relay.ts';
import { createServerModels, type Reachability } from './relay/server-models.ts';

/** For `/readyz` and `/healthz`. */
export interface HttpBackendState extends Reachability {
  readonly circuit: CircuitView;
}

/** An OpenAI-compatible server to which requests are relayed. */
export interface HttpBackend extends RelayBackend {
  /** The APIs that the server has itself. */
  readonly apis: readonly Api[];
  readonly passthrough: boolean;
  readonly state: HttpBackendState;
  /** Asks the server for its models, every few seconds until it answers. Never rejects. */
  refresh(): Promise<void>;
  /** Takes no more requests. Resolves when the running ones have ended. */
  close(): Promise<void>;
  /** Cuts the running requests. */
  abandon(): Promise<void>;
}

export interface HttpBackendDeps {
  /** The gateway's version, for `user-agent`. */
  readonly version: string;
  readonly pace: Pace;
  /** Timers that do not keep the process alive. */
  readonly timers: WallTimers;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Gets each client `Authorization` that is forwarded, so that it can be redacted: a server may repeat it in an error. */
  readonly onForward?: (authorization: string) => void;
  /** Called after each question for the models: whether the server answered. */
  readonly onReachability: (reachability: Reachability) => void;
}

/** The value of `gen_ai.provider.name`: the configured name, if it is a plain word. */
const providerOf = ({ name, url }: HttpBackendSettings): string => {
  if (url.hostname === 'api.openai.com') return 'openai';
  return /^[\w.-]{1,64}$/.test(name) ? name.toLowerCase() : 'openai_compatible';
};

const UNREACHED: ReadonlySet<string> = new Set(['backend_unreachable', 'backend_connect_timeout']);

/** Whether a result counts as good for the circuit breaker; null if it says nothing about the backend, such as a client disconnect. */
const isGoodResult = ({ result }: RunningRelay): boolean | null => {
  if (result.type === 'answer') return result.answer.status < 500;
  return isGoodError(result.error);
};
const isGoodError = ({ code }: GatewayError): boolean | null => (code.startsWith('backend_') ? false : null);

/** The failure of a backend that the circuit breaker skips. `retryInMs`: until it is tried again. */
const skipped = (settings: HttpBackendSettings, { span }: RelayContext, retryInMs: number): RelayFailure => {
  const now = span.now();
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(retryInMs / 1_000))) };
  const text = `The backend "${settings.name}" keeps failing, and is not asked for a while.`;
  return new RelayFailure({
    requestedNs: now,
    sentNs: now,
    connectMs: 0,
    resends: 0,
    server: serverOf(settings.url),
    model: null,
    result: { type: 'failed', error: new GatewayError('backend_unavailable', text, { headers }) },
    release: () => undefined,
  });
};

export const createHttpBackend = (settings: HttpBackendSettings, deps: HttpBackendDeps): HttpBackend => {
  const { timers } = deps;
  const forwardsKey = settings.auth === 'forward';
  const connections = createConnections(settings.url.origin, settings.timeouts.connectMs);
  const server = { ...deps, settings, connections, learned: { refusesUsage: false } };
  const circuit = createCircuitBreaker(timers.wallMs);
  const list = createServerModels({
    timers,
    ask: (listingFor, signal) => askForModels(server, listingFor, signal),
    onReachability: deps.onReachability,
  });

  /** Asks for the models again, to learn when a server that could not be reached is back. */
  const note = (error: GatewayError): void => {
    if (UNREACHED.has(error.code)) list.lost();
  };

  const send = async (
    context: RelayContext,
    request: RelayRequest,
    model: string | null,
    canFailOver: boolean,
  ): Promise<RunningRelay> => {
    const { authorization } = request.headers;
    if (forwardsKey && typeof authorization === 'string') deps.onForward?.(authorization);
    const record = circuit.admit();
    if (!record && canFailOver) throw skipped(settings, context, circuit.view.retryInMs ?? 0);
    let isGood: boolean | null = null;
    try {
      const running = await relayRequest(server, { context, request, model, canFailOver });
      isGood = isGoodResult(running);
      return running;
    } catch (thrown) {
      const running = thrown instanceof RelayFailure ? thrown.running : null;
      const error = running ? null : toGatewayError(thrown);
      isGood = running ? isGoodResult(running) : error && isGoodError(error);
      if (running?.result.type === 'failed') note(running.result.error);
      else if (error) note(error);
      throw thrown;
    } finally {
      await record?.(isGood);
    }
  };

  return {
    kind: 'relay',
    forwardsKey,
    name: settings.name,
    provider: providerOf(settings),
    apis: settings.apis,
    passthrough: settings.passthrough,
    knows: (model) => list.knows(model),
    models: (context) => list.models(context),
    relay: send,
    refresh: () => list.refresh(),
    get state() {
      return { ...list.reachability, circuit: circuit.view };
    },
    async close() {
      list.stop();
      await connections.close();
    },
    async abandon() {
      list.stop();
      await connections.destroy();
    },
  };
};
