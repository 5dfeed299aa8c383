import { Client, type Dispatcher, Pool } from 'undici';

/** A gateway has far fewer places for requests; those beyond wait for a connection, as long as one may take. */
const MAX_CONNECTIONS = 1024;
/** Connections of their own for requests whose first one broke, at a time; beyond them any connection must do. */
const MAX_FRESH = 64;

/** What a request on a connection is told, by undici's own events. */
export interface CallHandler extends Omit<Dispatcher.DispatchHandler, 'onRequestStart' | 'onRequestUpgrade'> {
  /** `isReused`: the connection has served a request before, so the server may have closed it meanwhile. */
  onRequestStart(controller: Dispatcher.DispatchController, context: { readonly isReused: boolean }): void;
  onResponseError(controller: Dispatcher.DispatchController | null, error: Error): void;
}

/** The connections to one server. */
export interface Connections {
  /** `fresh`: on a connection that has served nothing yet. What goes wrong is told to the handler, never thrown. */
  send(request: Dispatcher.DispatchOptions, handler: CallHandler, fresh: boolean): void;
  /** Takes no more requests; resolves when those that run have ended. */
  close(): Promise<void>;
  /** Ends all requests and connections. */
  destroy(): Promise<void>;
}

/** Tells each request whether its connection had served one: nobody but the client of that connection knows. */
class CountingClient extends Client {
  #served = 0;

  constructor(origin: string | URL, options: Client.Options) {
    super(origin, options);
    const restart = (): void => {
      this.#served = 0;
    };
    // Both come before the next request starts.
    this.on('connect', restart);
    this.on('disconnect', restart);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const onRequestStart = (controller: Dispatcher.DispatchController): void =>
      handler.onRequestStart?.(controller, { isReused: this.#served++ > 0 });
    return super.dispatch(options, { ...handler, onRequestStart });
  }
}

/** undici's own limits on head and body are off: ours decide. HTTP/2 is off since it knows neither connections nor pauses as we do. */
const optionsFor = (connectMs: number): Client.Options => ({
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
    factory: (of, given) => new CountingClient(of, given as Client.Options),
  });
  const fresh = new Set<Client>();

  const onFresh = (): Client => {
    const client = new CountingClient(origin, options);
    fresh.add(client);
    return client;
  };

  /** Ends when the one request has ended that it was made for. */
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
