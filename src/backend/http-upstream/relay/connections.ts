import type { Client as ClientTypes, Dispatcher } from 'undici';
import Client from 'undici/lib/dispatcher/client.js';
import Pool from 'undici/lib/dispatcher/pool.js';

/** More requests wait for a connection, up to the connect timeout. Admission normally allows far fewer requests. */
const MAX_CONNECTIONS = 1024;
/** How many new connections for retries are open at a time. Further retries use the pool. */
const MAX_FRESH = 64;

/** undici's events of one request. */
export interface CallHandler extends Omit<Dispatcher.DispatchHandler, 'onRequestStart' | 'onRequestUpgrade'> {
  /** `isReused`: the connection has served a request before, so the server may have closed it since. */
  onRequestStart(controller: Dispatcher.DispatchController, context: { readonly isReused: boolean }): void;
  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void;
}

/** The connections to one server. */
export interface Connections {
  /** `fresh`: use a new connection. Errors go to the handler and are never thrown. */
  send(request: Dispatcher.DispatchOptions, handler: CallHandler, fresh: boolean): void;
  /** Takes no more requests. Resolves when the running ones have ended. */
  close(): Promise<void>;
  /** Ends all requests and connections. */
  destroy(): Promise<void>;
}

/** Counts the requests of one connection, to tell each whether the connection is reused. */
class CountingClient extends Client {
  #served = 0;

  constructor(origin: string | URL, options: ClientTypes.Options) {
    super(origin, options);
    const restart = (): void => {
      this.#served = 0;
    };
    // undici emits both before the next request starts.
    this.on('connect', restart);
    this.on('disconnect', restart);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const onRequestStart = (controller: Dispatcher.DispatchController): void =>
      handler.onRequestStart?.(controller, { isReused: this.#served++ > 0 });
    return super.dispatch(options, { ...handler, onRequestStart });
  }
}

/** undici's timeouts for head and body are off: the gateway has its own. HTTP/2 is off: it cannot pause or count one connection. */
const optionsFor = (connectMs: number): ClientTypes.Options => ({
  headersTimeout: 0,
  bodyTimeout: 0,
  connectTimeout: connectMs,
  pipelining: 1,
  allowH2: false,
});

/** `origin`: scheme, host and port of the server. */
export const createConnections = (origin: string, connectMs: number): Connections => {
  const options = optionsFor(connectMs);
  const pool = new Pool(origin, {
    ...options,
    connections: MAX_CONNECTIONS,
    factory: (of, given) => new CountingClient(of, given as ClientTypes.Options),
  });
  const fresh = new Set<Client>();

  const onFresh = (): Client => {
    const client = new CountingClient(origin, options);
    fresh.add(client);
    return client;
  };

  /** Closes the client when its one request has ended. */
  const closeAfterUse = (client: Client): void => {
    const forget = (): void => void fresh.delete(client);
    client.close().then(forget, forget);
  };

  return {
    send(request, handler, isFresh) {
      if (!isFresh || fresh.size >= MAX_FRESH || pool.closed) {
        pool.dispatch(request, handler);
        return;
      }
      const client = onFresh();
      client.dispatch({ ...request, reset: true }, handler);
      closeAfterUse(client);
    },
    async close() {
      await Promise.all([pool, ...fresh].map((dispatcher) => dispatcher.close().catch(() => undefined)));
    },
    async destroy() {
      await Promise.all([pool, ...fresh].map((dispatcher) => dispatcher.destroy().catch(() => undefined)));
    },
  };
};
