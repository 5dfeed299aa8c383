import { setTimeout as pause } from 'node:timers/promises';
import { isatty } from 'node:tty';
import pino, { type DestinationStream, type Logger } from 'pino';
import { boundPayload, boundText } from './bound.ts';
import type { LogExport } from './otel/log-export.ts';
import type { CapturePolicy } from './policy/index.ts';
import { printableJson, printableStrings } from './printable.ts';
import type { LogLevel } from './settings.ts';
import { spanIdsIn } from './span-ids.ts';

/** The gateway's log: one JSON object a line, sanitized, on stdout; pretty on a terminal. The same lines may go to an OTLP endpoint. */
export interface Log {
  readonly logger: Logger;
  /** Hands every line from now on to this, too; null changes nothing. */
  alsoTo(logExport: LogExport | null): void;
  /** Resolves when everything logged so far has been handed to the operating system, or when it takes nothing for a second. No line comes after it. */
  close(): Promise<void>;
}

const STDOUT = 1;
/** What may wait for a slow reader of the log; beyond it lines are dropped. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/** So many bytes a pipe takes whole or not at all (`PIPE_BUF`), so that several processes do not tear each other's lines. */
const PIPE_BYTES = 4_096;

/** How long the end waits for a reader of the log that stands still. */
const LAST_LINES_MS = 1_000;

interface Destination extends DestinationStream {
  close(): Promise<void>;
}

const createFormat = async (): Promise<(line: string) => string> => {
  if (!isatty(STDOUT)) return (line) => line;
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: true,
    ignore: 'service',
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
  });
  return (line) => pretty(printableStrings(line));
};

const createDestination = async (maxWrite?: number): Promise<Destination> => {
  const format = await createFormat();
  const out = pino.destination({
    ...{ fd: STDOUT, sync: false, maxLength: MAX_WAITING_BYTES },
    ...(maxWrite !== undefined && { maxWrite }),
  });
  let hasReader = true;
  let closing: Promise<void> | undefined;
  // A reader that went away (`| head`) must not take the gateway with it.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') hasReader = false;
  });
  const close = async (): Promise<void> => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    for (const event of ['close', 'error']) out.once(event, resolve);
    out.end();
    if (hasReader) await Promise.race([ended, pause(LAST_LINES_MS, undefined, { ref: false })]);
    // What is left would be written by pino's exit handler, which waits for the reader for ever.
    out.destroy();
  };
  return {
    // No `flushSync`, in which pino would wait for the reader at a fatal line.
    write(line) {
      if (!closing) out.write(format(line));
    },
    close: () => (closing ??= close()),
  };
};

/** What was thrown is told as the capture policy says. */
const showThrown = (policy: CapturePolicy, fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? policy.thrown(value) : value,
    ]),
  );

/** @param pid - of one process of several, which stands on each of its lines */
export const createLog = async (
  level: LogLevel,
  service: string,
  policy: CapturePolicy,
  pid?: number,
): Promise<Log> => {
  const { sanitizeJson, sanitizeText } = policy.sanitizer;
  const destination = await createDestination(pid === undefined ? undefined : PIPE_BYTES);
  let logExport: LogExport | null = null;
  const logger = pino(
    {
      hooks: {
        // The message; the fields are sanitized below.
        logMethod(args, method) {
          method.apply(
            this,
            args.map((arg) => (typeof arg === 'string' ? sanitizeText(boundText(arg)) : arg)) as typeof args,
          );
        },
        streamWrite(line) {
          logExport?.emit(line);
          return printableJson(line);
        },
      },
      level,
      base: { service: sanitizeText(service), ...(pid !== undefined && { pid }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => ({
          ...(sanitizeJson(boundPayload(showThrown(policy, fields))) as Record<string, unknown>),
          ...spanIdsIn(fields),
        }),
      },
    },
    destination,
  );
  return {
    logger,
    alsoTo(next) {
      logExport = next;
    },
    close: destination.close,
  };
};
