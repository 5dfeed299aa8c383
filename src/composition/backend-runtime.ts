import type { RoutedBackend } from '../backend/routes/routed-backend.ts';
import type { AppServerHealth, BackendHealth } from '../http/health.ts';

/** A backend that runs, or is reached, with what ends it. */
export interface BackendRuntime {
  readonly name: string;
  /** Whether it gets the client's own key. */
  readonly forwardsKey: boolean;
  /** What requests go to. */
  readonly routed: RoutedBackend;
  readonly health: BackendHealth;
  /** Of an app-server; null for what has none. */
  readonly workers: AppServerHealth | null;
  /** What the start line says of it. */
  readonly notes: Readonly<Record<string, unknown>>;
  /** Resolves when it takes requests; rejects when it never will, or the signal aborts. */
  started(signal: AbortSignal): Promise<void>;
  /** Ends it in order, at the latest after so long. Twice is harmless. */
  stop(graceMs: number): Promise<void>;
  /** Ends it at once. */
  abandon(): void;
  /** Removes what it has on the disk. */
  close(): Promise<unknown>;
}
