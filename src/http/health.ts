/** One process, or connection, of the backend. Times are in milliseconds. */
export interface WorkerHealth {
  readonly state: 'starting' | 'ready' | 'unresponsive' | 'backing_off' | 'draining' | 'stopped';
  readonly restarts: number;
  readonly activeTurns: number;
  readonly uptimeMs: number | null;
  /** When it is started again, where it waits for that. */
  readonly retryInMs: number | null;
  readonly restartLimitReached: boolean;
}

/** The processes or connections of an app-server. */
export interface AppServerHealth {
  readonly ready: boolean;
  /** None has been ready yet, and at least one has attempts left. */
  readonly starting: boolean;
  readonly restarts: number;
  readonly workers: readonly WorkerHealth[];
}

/** The state of one backend. Times are in milliseconds. */
export interface BackendHealth {
  readonly name: string;
  readonly kind: 'app-server' | 'http';
  readonly ready: boolean;
  /** Whether it has not been ready yet, but may become so. */
  readonly starting: boolean;
  /** Why it is not ready, or has no list of models, in words that anyone may read; null where there is nothing to say. */
  readonly reason: string | null;
  /** The state of its circuit breaker; null if it has none. */
  readonly circuit: {
    readonly state: 'closed' | 'open' | 'half_open';
    /** Failures in a row. */
    readonly failures: number;
    readonly retryInMs: number | null;
  } | null;
}

/** `ready`: it takes requests. `unresponsive`: it did not answer in time. */
export type ProcessState = 'starting' | 'ready' | 'unresponsive' | 'backing_off' | 'stopped';

/** One process of a gateway that has several. Times are in milliseconds. */
export interface SiblingHealth {
  readonly pid: number | null;
  readonly state: ProcessState;
  readonly restarts: number;
  /** When it is started again, where it waits for that. */
  readonly retryInMs: number | null;
  readonly uptimeMs: number | null;
  readonly openRequests: number | null;
}

/** How the gateway is, for people and probes; nothing secret. */
export interface Health {
  readonly version: string;
  /** Told to stop: what is open may end, nothing new begins. */
  readonly draining: boolean;
  /** The app-server; null if no backend is one. */
  readonly backend: AppServerHealth | null;
  /** All backends, in the order of the routes. */
  readonly backends: readonly BackendHealth[];
  readonly openRequests: number;
  /** Of these, those that use the backend, the streams among them, and those that wait for a place. */
  readonly admission: { readonly running: number; readonly streams: number; readonly waiting: number };
  /** The processes of a gateway that has several: the rest is of all of them together. */
  readonly processes?: readonly SiblingHealth[];
}

/** Why no request should be sent here; null when one may. */
type Unready = 'draining' | 'backend_starting' | 'backend_not_ready';

const unreadyReason = ({ draining, backends }: Health): Unready | null => {
  if (draining) return 'draining';
  if (backends.some(({ ready }) => ready)) return null;
  return backends.some(({ starting }) => starting) ? 'backend_starting' : 'backend_not_ready';
};

/** The names of the backends that are not ready. Left out for a single backend, since `reason` says it. */
const missingOf = ({ backends }: Health): { readonly missing?: readonly string[] } => {
  const missing = backends.filter(({ ready }) => !ready).map(({ name }) => name);
  return backends.length > 1 && missing.length > 0 ? { missing } : {};
};

/** For load balancers: the gateway is ready if one backend is. `missing` names those that are not. */
export const readiness = (health: Health) => {
  const reason = unreadyReason(health);
  const missing = missingOf(health);
  return reason === null
    ? { status: 'ok' as const, ...missing }
    : { status: 'unavailable' as const, reason, ...missing };
};

const appServerReport = ({ ready, restarts, workers }: AppServerHealth) => ({
  ready,
  restarts,
  workers: workers.map((worker) => ({
    state: worker.state,
    restarts: worker.restarts,
    active_turns: worker.activeTurns,
    uptime_ms: worker.uptimeMs,
    retry_in_ms: worker.retryInMs,
    restart_limit_reached: worker.restartLimitReached,
  })),
});

const backendReport = ({ name, kind, ready, reason, circuit }: BackendHealth) => ({
  name,
  kind,
  ready,
  ...(reason !== null && { reason }),
  ...(circuit && {
    circuit: { state: circuit.state, failures: circuit.failures, retry_in_ms: circuit.retryInMs },
  }),
});

const processReport = (process: SiblingHealth) => ({
  pid: process.pid,
  state: process.state,
  restarts: process.restarts,
  retry_in_ms: process.retryInMs,
  uptime_ms: process.uptimeMs,
  open_requests: process.openRequests,
});

/** For people. */
export const healthReport = (health: Health) => ({
  ...readiness(health),
  version: health.version,
  ...(health.backend && { backend: appServerReport(health.backend) }),
  backends: health.backends.map(backendReport),
  open_requests: health.openRequests,
  admission: health.admission,
  ...(health.processes && { processes: health.processes.map(processReport) }),
});
