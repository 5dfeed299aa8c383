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

/** How the gateway is, for people and probes; nothing secret. */
export interface Health {
  readonly version: string;
  /** Told to stop: what is open may end, nothing new begins. */
  readonly draining: boolean;
  readonly backend: {
    readonly ready: boolean;
    /** None has been ready yet, and at least one has attempts left. */
    readonly starting: boolean;
    readonly restarts: number;
    readonly workers: readonly WorkerHealth[];
  };
  readonly openRequests: number;
  /** Of these, those that use the backend, the streams among them, and those that wait for a place. */
  readonly admission: { readonly running: number; readonly streams: number; readonly waiting: number };
}

/** Why no request should be sent here; null when one may. */
type Unready = 'draining' | 'backend_starting' | 'backend_not_ready';

const unreadyReason = ({ draining, backend }: Health): Unready | null => {
  if (draining) return 'draining';
  if (backend.ready) return null;
  return backend.starting ? 'backend_starting' : 'backend_not_ready';
};

/** For load balancers: the one word that they need, and nothing about what is behind the gateway. */
export const readiness = (health: Health) => {
  const reason = unreadyReason(health);
  return reason === null ? { status: 'ok' as const } : { status: 'unavailable' as const, reason };
};

/** For people. */
export const healthReport = (health: Health) => ({
  ...readiness(health),
  version: health.version,
  backend: {
    ready: health.backend.ready,
    restarts: health.backend.restarts,
    workers: health.backend.workers.map((worker) => ({
      state: worker.state,
      restarts: worker.restarts,
      active_turns: worker.activeTurns,
      uptime_ms: worker.uptimeMs,
      retry_in_ms: worker.retryInMs,
      restart_limit_reached: worker.restartLimitReached,
    })),
  },
  open_requests: health.openRequests,
  admission: health.admission,
});
