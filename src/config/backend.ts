import type { HttpBackendSettings } from '../gateway/http-backend-settings.ts';
import { ConfigError, type Reader } from './reader.ts';

/** How many workers the backend has, and how long it may take. Times are in milliseconds. */
export interface BackendLimits {
  readonly workers: number;
  /** Restarts of each worker in any five minutes. */
  readonly maxRestarts: number;
  /** For a worker to be ready and to take the turn. */
  readonly connectTimeoutMs: number;
  /** From the turn's start to the first sign of its answer. */
  readonly firstByteTimeoutMs: number;
  /** Between any two things that the backend says of a turn. */
  readonly idleTimeoutMs: number;
  /** For an interrupted turn to end, and for the calls that clean up behind it. */
  readonly interruptTimeoutMs: number;
}

/** The longest that a time may be. */
export const A_DAY_MS = 86_400_000;

/** Reads the limits of the backend. Throws a `ConfigError` for the first value that is wrong. */
export const readBackendLimits = ({ whole }: Reader): BackendLimits => ({
  workers: whole('PROXY_WORKERS', 1, 1, 64),
  maxRestarts: whole('PROXY_MAX_RESTARTS', 10, 1, 10_000),
  connectTimeoutMs: whole('PROXY_CONNECT_TIMEOUT_MS', 10_000, 1, A_DAY_MS),
  firstByteTimeoutMs: whole('PROXY_FIRST_BYTE_TIMEOUT_MS', 300_000, 1, A_DAY_MS),
  idleTimeoutMs: whole('PROXY_IDLE_TIMEOUT_MS', 300_000, 1, A_DAY_MS),
  interruptTimeoutMs: whole('PROXY_INTERRUPT_TIMEOUT_MS', 5_000, 1, A_DAY_MS),
});

/** The times of an HTTP backend, where it has none of its own. */
export const readHttpTimeouts = (read: Reader): HttpBackendSettings['timeouts'] => {
  const { connectTimeoutMs, firstByteTimeoutMs, idleTimeoutMs } = readBackendLimits(read);
  return Object.freeze({
    connectMs: connectTimeoutMs,
    firstByteMs: firstByteTimeoutMs,
    idleMs: idleTimeoutMs,
  });
};

/** Whether prompts may make the echo model crash and hang: for tests of the gateway, with nothing else behind it. */
export const readEchoFaults = ({ flag }: Reader, production: boolean, isEcho: boolean): boolean => {
  const faults = flag('PROXY_ECHO_FAULTS', false);
  if (faults && (production || !isEcho))
    throw new ConfigError('PROXY_ECHO_FAULTS', 'true', 'only with PROXY_ENV=dev and no backend or model set');
  return faults;
};
