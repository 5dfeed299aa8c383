import type { Config } from '../config/index.ts';
import type { Log } from '../telemetry/log.ts';
import { retentionOf } from './files.ts';
import type { Parts } from './server.ts';

/** The name of the service where the environment gives none. */
export const GATEWAY_SERVICE = 'throughline';

type Fields = Readonly<Record<string, unknown>>;

/** Why the address cannot be listened on, in one line. */
export const listenProblem = ({ host, port }: Config, thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? `port ${port} of ${host} is taken by another process; choose another one with PORT or --port`
    : `cannot listen on ${host}:${port} (HOST, PORT): ${message}`;
};

/** What the start line says, besides the address. */
export const startFields = ({
  config,
  version,
  telemetry,
  redaction,
  backends,
}: Pick<Parts, 'config' | 'version' | 'telemetry' | 'redaction' | 'backends'>): Fields => ({
  version,
  ...backends.notes,
  traces: telemetry.tracesDestination,
  logs: telemetry.logsEndpoint ?? 'stdout alone',
  mirror: config.mirror ? config.mirrorPath : 'off',
  capture: config.capture,
  redaction: redaction.description,
  retention: retentionOf(config),
});

/** Says that the port is taken, before a backend is ready. */
export const sayListening = ({ logger }: Log, address: string): void =>
  logger.info({ address }, 'listening; waits for a backend');

/** Scripts wait for this text. */
export const sayReady = ({ logger }: Log, url: string, fields: Fields): void =>
  logger[fields['codex_warning'] === undefined ? 'info' : 'warn']({ url, ...fields }, `ready on ${url}`);
