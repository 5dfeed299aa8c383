import { isatty } from 'node:tty';
import pino, { type DestinationStream, type Logger } from 'pino';
import type { LogExport } from './otel/log-export.ts';
import { sanitizeJson, sanitizeText } from './sanitize.ts';
import type { LogLevel } from './settings.ts';

/** The gateway's log: one JSON object a line, sanitized, on stdout; pretty on a terminal. The same lines may go to an OTLP endpoint. */
export interface Log {
  readonly logger: Logger;
  /** Hands every line from now on to this, too; null changes nothing. */
  alsoTo(logExport: LogExport | null): void;
  /** Resolves when everything logged so far has been handed to the operating system. */
  flush(): Promise<void>;
}

const STDOUT = 1;
/** What may wait for a slow reader of the log; beyond it lines are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

const createDestination = async (): Promise<DestinationStream> => {
  if (!isatty(STDOUT)) {
    const destination = pino.destination({ fd: STDOUT, sync: false, maxLength: MAX_WAITING_BYTES });
    // A reader that went away (`| head`) must not take the gateway with it.
    destination.on('error', () => undefined);
    return destination;
  }
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: true, ignore: 'service', translateTime: 'HH:MM:ss.l', singleLine: true });
};

export const createLog = async (level: LogLevel, service: string): Promise<Log> => {
  const destination = await createDestination();
  let logExport: LogExport | null = null;
  const logger = pino(
    {
      hooks: {
        // The message; the fields are sanitized below.
        logMethod(args, method) {
          method.apply(
            this,
            args.map((arg) => (typeof arg === 'string' ? sanitizeText(arg) : arg)) as typeof args,
          );
        },
        streamWrite(line) {
          logExport?.emit(line);
          return line;
        },
      },
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => sanitizeJson(fields) as Record<string, unknown>,
      },
    },
    destination,
  );
  return {
    logger,
    alsoTo(next) {
      logExport = next;
    },
    flush: () => new Promise((resolve) => logger.flush(() => resolve())),
  };
};
