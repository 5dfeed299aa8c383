import type { TelemetryLog } from './diag.ts';
import { batchSettings, type OtelEnv, otlpEndpoint, type Signal } from './variables.ts';
import { createWatchedExport, type WatchedExport } from './watched-export.ts';

const WORDS: Readonly<Record<Signal, string>> = { TRACES: 'spans', LOGS: 'log records' };
/** The SDK's own, of both. */
const MAX_QUEUE = 2048;

/** A URL as it may stand in the log: without credentials and query, which may be one. */
const plain = (url: string | null): string | null => {
  if (url === null || !URL.canParse(url)) return null;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname === '/' ? '' : pathname}`;
};

/** What is known of a failed export: the status that was answered, or the reason why nothing was. */
const reasonOf = ({ message, ...error }: Error & { code?: unknown }): Record<string, unknown> => ({
  ...(typeof error.code === 'number' && { status: error.code }),
  // Where every address of a host refuses, Node's error has a code and no message.
  error: message || String(error.code ?? 'the export failed'),
});

/**
 * Watches the export of one signal and tells the log of its losses, with the endpoint: when they begin, and when they are over.
 *
 * @param what - what the log calls the things that are exported
 */
export const watchExport = (
  env: OtelEnv,
  signal: Signal,
  log: TelemetryLog,
  what = WORDS[signal],
): WatchedExport => {
  const { maxQueueSize = MAX_QUEUE } = batchSettings(env, signal);
  const endpoint = plain(otlpEndpoint(env, signal));
  return createWatchedExport(maxQueueSize, {
    onLost: (lost, error) =>
      log.warn(
        { endpoint, ...reasonOf(error), lost },
        `${what} cannot be exported; those that wait too long are lost`,
      ),
    onRecovered: (lost) => log.warn({ endpoint, lost }, `${what} are exported again`),
  });
};

/** Tells, at the end of the process, of what never went out and was not told yet. */
export const tellUnsent = (
  env: OtelEnv,
  signal: Signal,
  watch: WatchedExport,
  log: TelemetryLog,
  what = WORDS[signal],
): void => {
  const { unsent } = watch;
  const endpoint = plain(otlpEndpoint(env, signal));
  if (unsent > 0) log.warn({ endpoint, unsent }, `${what} were not exported before the gateway ended`);
};
