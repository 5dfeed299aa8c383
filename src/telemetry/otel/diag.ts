import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { diagLogLevelFromString } from '@opentelemetry/core';
import { headOf } from '../../cut.ts';

type Level = 'error' | 'warn' | 'info' | 'debug';

/** Takes what telemetry has to say about itself; `createLog`'s logger does. */
export type TelemetryLog = Readonly<
  Record<Level, (fields: Readonly<Record<string, unknown>>, message: string) => void>
>;

const LINES = 10;
const WINDOW_MS = 60_000;
const MAX_CHARS = 1_000;

/**
 * Hands OpenTelemetry's own words to our log, ten lines a minute at most: a collector that is away must not fill a disk.
 * The next line that may go says how many could not. `now` is in milliseconds.
 */
export const createDiagLogger = (log: TelemetryLog, now: () => number): DiagLogger => {
  let windowStart = now();
  let lines = 0;
  let suppressed = 0;

  const mayWrite = (): boolean => {
    if (now() - windowStart >= WINDOW_MS) {
      windowStart = now();
      lines = 0;
    }
    return ++lines <= LINES;
  };

  const write =
    (level: Level) =>
    (message: string, ...more: unknown[]): void => {
      if (!mayWrite()) {
        suppressed++;
        return;
      }
      const text = [message, ...more.filter((part) => typeof part === 'string')].join(' ');
      log[level]({ diag: headOf(text, MAX_CHARS), ...(suppressed > 0 && { suppressed }) }, 'OpenTelemetry');
      suppressed = 0;
    };

  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    verbose: write('debug'),
  };
};

/** `OTEL_LOG_LEVEL` says how much OpenTelemetry tells of itself; unset means warnings and errors. */
export const diagLevelOf = (level: string | undefined): DiagLogLevel =>
  diagLogLevelFromString(level) ?? DiagLogLevel.WARN;

/** From now on OpenTelemetry speaks through our log. */
export const routeDiag = (level: string | undefined, log: TelemetryLog): void => {
  diag.setLogger(
    createDiagLogger(log, () => performance.now()),
    {
      logLevel: diagLevelOf(level),
      suppressOverrideMessage: true,
    },
  );
};
