import type { RoutedBackend } from '../backend/routes/routed-backend.ts';
import type { AppServerHealth, BackendHealth } from '../http/health.ts';

/** A backend with its state, and the functions that end it. */
export interface BackendRuntime {
  readonly name: string;
  /** The backend for the router. */
  readonly routed: RoutedBackend;
  readonly health: BackendHealth;
  /** The workers of an app-server; null for any other backend. */
  readonly workers: AppServerHealth | null;
  /** Fields for the start line of the log. */
  readonly notes: Readonly<Record<string, unknown>>;
  /** Resolves when it takes requests. Rejects if it never will, or the signal aborts. */
  started(signal: AbortSignal): Promise<void>;
  /** Ends it in order, within `graceMs`. May be called twice. */
  stop(graceMs: number): Promise<void>;
  /** Ends it at once. */
  abandon(): void;
  /** Removes its files. */
  close(): Promise<unknown>;
}
