import { AsyncLocalStorage } from 'node:async_hooks';
import { createGenerations } from '../backend/routes/generations.ts';
import { createKeptBackends, type HeldBackends } from '../backend/routes/kept-backends.ts';
import { createResponseMakers, type ResponseMakers } from '../backend/routes/response-makers.ts';
import { createRouter, namedResponse } from '../backend/routes/router.ts';
import type { Exchange, Router } from '../gateway/ports.ts';
import type { RelayRequest } from '../gateway/relay.ts';
import type { ConfiguredBackend, Routes } from '../gateway/routes.ts';
import type { Health } from '../http/health.ts';
import { systemTimers } from '../later.ts';
import { createAppServerRuntime, type RuntimeDeps } from './app-server-runtime.ts';
import type { BackendRuntime } from './backend-runtime.ts';
import { secretsOf } from './backend-secrets.ts';
import type { createHttpRuntime } from './http-runtime.ts';
import { warnOfUnusedSettings, warnOnce } from './mistakes.ts';
import { createRoutesReload } from './routes-reload.ts';

/** How long a backend that a reload has removed may take to end. */
const RETIRED_GRACE_MS = 5_000;

/** All backends, and the routes between them, which may be reloaded. */
export interface Backends {
  /** Uses the routes of the running request, or else the current ones. */
  readonly router: Router;
  readonly health: Pick<Health, 'backend' | 'backends'>;
  /** Fields for the start line of the log. */
  readonly notes: Readonly<Record<string, unknown>>;
  /** Runs a request on the current routes. A reload does not change them for it, or close their backends before it ends. */
  use<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Records which backend made a response, for requests that name it. */
  noteResponse(facts: Exchange['facts']): void;
  /** Which backend made a response, as far as this process knows. */
  makerOf(responseId: string): string | null;
  /** Resolves when one backend takes requests. Rejects if none ever will, or the signal aborts. */
  started(signal: AbortSignal): Promise<void>;
  /** Reads the routes file again; null if there is none. */
  readonly reload: (() => Promise<void>) | null;
  stop(graceMs: number): Promise<void>;
  abandon(): void;
  close(): Promise<unknown>;
}

/** One version of the routes, with the backends that it holds. */
interface RoutesInUse {
  readonly router: Router;
  readonly held: HeldBackends<BackendRuntime>;
}

const APP_SERVER = 'app-server';

const routesOf = async (deps: RuntimeDeps): Promise<Routes> => {
  const { backend } = deps.config;
  switch (backend.kind) {
    case 'app-server':
      return { backends: [{ kind: 'app-server', name: APP_SERVER }], rules: [] };
    case 'http':
      return {
        backends: [{ kind: 'http', name: backend.settings.name, settings: backend.settings }],
        rules: [],
      };
    case 'routes': {
      const routes = await backend.load();
      warnOfUnusedSettings(backend.ofAppServer, routes, (fields, message) => warnOnce(deps, fields, message));
      return routes;
    }
  }
};

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]', '0.0.0.0']);

/** Throws if a backend is this gateway itself: each request would cause another one without end. */
const assertNotSelf = ({ host, port }: RuntimeDeps['config'], { backends }: Routes): void => {
  for (const backend of backends) {
    if (backend.kind !== 'http') continue;
    const { hostname, port: asked, protocol } = backend.settings.url;
    const askedPort = Number(asked) || (protocol === 'https:' ? 443 : 80);
    if (askedPort === port && (LOCAL.has(hostname) || hostname === host))
      throw new Error(
        `the backend ${backend.name} is this gateway itself (port ${port}): give one of them another port`,
      );
  }
};

/** Creates and keeps the runtimes. What is asynchronous of that comes before they are held. */
const createRuntimes = (deps: RuntimeDeps) => {
  const appServers = new Map<string, BackendRuntime>();
  const all = new Set<BackendRuntime>();
  let createHttp: typeof createHttpRuntime | null = null;

  const make = (configured: ConfiguredBackend): BackendRuntime => {
    if (configured.kind === 'app-server') return appServers.get(configured.name) as BackendRuntime;
    if (!createHttp) throw new Error('the code for HTTP backends is not loaded');
    const runtime = createHttp(configured.settings, deps);
    all.add(runtime);
    return runtime;
  };

  const kept = createKeptBackends(make, async (runtime) => {
    appServers.delete(runtime.name);
    await runtime.stop(RETIRED_GRACE_MS);
    await runtime.close();
    all.delete(runtime);
  });

  return {
    all,
    async hold(backends: readonly ConfiguredBackend[]): Promise<HeldBackends<BackendRuntime>> {
      // Before any request could record one of them.
      deps.redaction.policy.sanitizer.keepSecrets(secretsOf(backends));
      // The HTTP client takes a tenth of a second to load, which a gateway without such a backend can do without.
      if (backends.some(({ kind }) => kind === 'http'))
        createHttp ??= (await import('./http-runtime.ts')).createHttpRuntime;
      for (const { kind, name } of backends) {
        if (kind !== 'app-server' || appServers.has(name)) continue;
        const runtime = await createAppServerRuntime(name, deps);
        appServers.set(name, runtime);
        all.add(runtime);
      }
      return kept.hold(backends);
    },
  };
};

/** The fields of a single backend, or one line for each of several. */
const notesOf = (runtimes: readonly BackendRuntime[]): Readonly<Record<string, unknown>> => {
  const [only, ...more] = runtimes;
  if (only && more.length === 0) return only.notes;
  return {
    ...Object.assign({}, ...runtimes.map(({ notes }) => notes)),
    backend: undefined,
    backends: runtimes.map(({ name, notes }) => `${name}: ${notes['backend']}`),
  };
};

const routerOf = (
  { runtimes }: HeldBackends<BackendRuntime>,
  { rules }: Routes,
  makers: ResponseMakers,
  { pace }: RuntimeDeps['shared'],
): Router =>
  createRouter({
    ...{ backends: runtimes.map(({ routed }) => routed), rules, makers, pace },
    ...{ random: Math.random, timers: systemTimers },
  });

/** Asks the other processes which backend made a response that this one does not know. */
const createLearning = ({ member }: RuntimeDeps, makers: ResponseMakers, isChoice: () => boolean) => {
  const unknownIn = (request: RelayRequest): string | null => {
    if (!member || !isChoice()) return null;
    const id = namedResponse(request);
    return id === null || makers.of(id) !== null ? null : id;
  };
  return {
    isUnknown: (request: RelayRequest): boolean => unknownIn(request) !== null,
    async learn(request: RelayRequest): Promise<void> {
      const id = unknownIn(request);
      const maker = id === null ? null : await member?.makerOf(id);
      if (id !== null && maker) makers.remember(id, maker);
    },
  };
};

/** Starts the configured backends. Rejects if one cannot be started, or the routes file is wrong. */
export const createBackends = async (deps: RuntimeDeps): Promise<Backends> => {
  const { config, log, shared } = deps;
  const runtimes = createRuntimes(deps);
  const makers = createResponseMakers();

  const begin = async (next: Routes): Promise<RoutesInUse> => {
    assertNotSelf(config, next);
    const held = await runtimes.hold(next.backends);
    return { router: routerOf(held, next, makers, shared), held };
  };

  const generations = createGenerations(await begin(await routesOf(deps)), ({ held }) => held.release());
  const ofRequest = new AsyncLocalStorage<RoutesInUse>();
  const routes = (): Router => (ofRequest.getStore() ?? generations.current).router;
  const current = (): readonly BackendRuntime[] => generations.current.held.runtimes;
  const { backend } = config;

  const { isUnknown, learn } = createLearning(deps, makers, () => current().length > 1);

  return {
    router: {
      serves: (asked) => routes().serves(asked),
      candidates: (request) => (isUnknown(request) ? null : routes().candidates(request)),
      async find(context, request) {
        await learn(request);
        return routes().find(context, request);
      },
      models: (context) => routes().models(context),
      model: (context, id) => routes().model(context, id),
      knows: (model) => routes().knows(model),
    },
    get health() {
      const running = current();
      return {
        backend: running.find(({ workers }) => workers !== null)?.workers ?? null,
        backends: running.map(({ health }) => health),
      };
    },
    get notes() {
      return notesOf(current());
    },
    use: (work) => generations.use((generation) => ofRequest.run(generation, work)),
    noteResponse({ responseId, backend: name }) {
      if (responseId !== null && name !== null) makers.remember(responseId, name);
    },
    makerOf: (responseId) => makers.of(responseId),
    async started(signal) {
      const starts = current().map((runtime) => runtime.started(signal));
      await Promise.any(starts).catch(async (thrown: AggregateError) => {
        throw thrown.errors[0];
      });
    },
    reload:
      backend.kind === 'routes'
        ? createRoutesReload({
            path: backend.path,
            load: backend.load,
            apply: async (routes) => generations.replace(await begin(routes)),
            log,
          })
        : null,
    stop: async (graceMs) => {
      await Promise.all([...runtimes.all].map((runtime) => runtime.stop(graceMs)));
    },
    abandon() {
      for (const runtime of runtimes.all) runtime.abandon();
    },
    close: () => Promise.allSettled([...runtimes.all].map((runtime) => runtime.close())),
  };
};
