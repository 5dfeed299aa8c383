import { randomBytes } from 'node:crypto';
import { createShared, type Shared } from '../backend/app-server/turn/event-queue.ts';
import { createBackendIo } from '../backend/backend-io.ts';
import { createBackendSubmission } from '../backend/backend-submission.ts';
import { createRelayIo } from '../backend/relay-io.ts';
import { type Config, enableSdk } from '../config/index.ts';
import { createClientEgress } from '../egress/client-egress.ts';
import { createEncoders } from '../egress/create-encoder.ts';
import { createKeepalives } from '../egress/keepalive.ts';
import type { NameModel, Phases, Router } from '../gateway/ports.ts';
import { runRequest } from '../gateway/run-request.ts';
import { createAccessLog } from '../http/access-log.ts';
import { createAdmission } from '../http/admission/admission.ts';
import { createExchanges } from '../http/exchanges.ts';
import { httpIngress } from '../http/http-ingress.ts';
import { PROBE_PATHS } from '../http/plain-routes.ts';
import { withFieldNames } from '../http/requests/field-names.ts';
import type { HttpServer } from '../http/server.ts';
import { systemLater, systemTimers } from '../later.ts';
import { type CapturePolicy, createTelemetry } from '../telemetry/index.ts';
import { createLog } from '../telemetry/log.ts';
import { serviceNameOr } from '../telemetry/otel/service-name.ts';
import { createUsageLog } from '../usage/usage-log.ts';
import { createUsageSummary } from '../usage/usage-summary.ts';
import { type Backends, createBackends } from './backends.ts';
import { assertWritable, mirrorSettings, openUsageLog, retentionOf } from './files.ts';
import { warnOfMistakes } from './mistakes.ts';
import { loadRedaction } from './redaction.ts';
import { type Parts, startServer } from './server.ts';
import { createShutdown } from './shutdown.ts';
import { createTrustsSender } from './trust.ts';
import { joinFiles } from './writers.ts';

const SERVICE = 'throughline';

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  /** Resolves once a worker is ready, which the log says then; rejects when the backend's command cannot be started at all, or the start is aborted. */
  readonly started: Promise<void>;
  /** Reads the routes file again; null where there is none. Never rejects. */
  readonly reload: (() => Promise<void>) | null;
  /** Ends in order: no new requests, open ones drained, backend ended, telemetry and files flushed. Twice is harmless. */
  stop(): Promise<void>;
  /** Ends the open requests, kills the backend and flushes what can be flushed, in bounded time, for a process that must end after a fault. */
  crash(thrown: unknown): Promise<void>;
  /** Kills the backend and closes files and log, in bounded time, for a process that ends at once. */
  abandon(): Promise<void>;
}

/** Servers answer with the snapshot of a model: its name and a date. */
const SNAPSHOT = /-(?:\d{4}-\d{2}-\d{2}|\d{4,8})$/;

/** The name of a model that the backend has is no content; any other is the client's words. */
const createNameModel =
  (router: Router, policy: CapturePolicy): NameModel =>
  (claimed) =>
    claimed === null || router.knows(claimed) || router.knows(claimed.replace(SNAPSHOT, ''))
      ? claimed
      : policy.words(claimed);

const assemblePhases = (
  backends: Backends,
  config: Config,
  nameModel: NameModel,
  usageSummary: Phases['usageSummary'],
  { pace, held }: Shared,
): Phases => {
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  const createEncoder = createEncoders({ newId: () => randomBytes(12).toString('hex'), nowSeconds });
  return {
    httpIngress,
    backendSubmission: withFieldNames(createBackendSubmission(backends.router)),
    backendIo: {
      turn: createBackendIo(pace, held, nameModel),
      relay: createRelayIo({ pace, nameModel }),
    },
    clientEgress: createClientEgress(
      createEncoder,
      nowSeconds(),
      createKeepalives(config.limits.keepaliveMs, systemTimers),
    ),
    usageSummary,
  };
};

/** Why the address cannot be listened on, in one line. */
const listenProblem = ({ host, port }: Config, thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? `port ${port} of ${host} is taken by another process; choose another one with PORT or --port`
    : `cannot listen on ${host}:${port} (HOST, PORT): ${message}`;
};

const announce = (url: string, { config, version, telemetry, redaction, backends, log }: Parts): void => {
  const { notes } = backends;
  log.logger[notes['codex_warning'] === undefined ? 'info' : 'warn'](
    {
      url,
      version,
      ...notes,
      traces: telemetry.tracesDestination,
      logs: telemetry.logsEndpoint ?? 'stdout alone',
      mirror: config.mirror ? config.mirrorPath : 'off',
      capture: config.capture,
      redaction: redaction.description,
      retention: retentionOf(config),
    },
    `ready on ${url}`,
  );
};

/** Follows the start of the backends to its end. Must not log `ready on` before this resolves: scripts wait for that text. */
const followStart = (parts: Parts, url: string, signal: AbortSignal): Promise<void> => {
  const { backends, exchanges, log } = parts;
  log.logger.info({ address: url }, 'listening; waits for a backend');
  return backends.started(signal).then(
    () => announce(url, parts),
    async (thrown: unknown) => {
      // Nobody shall wait for a backend that will never come.
      if (!signal.aborted) await exchanges.drain(0);
      throw thrown;
    },
  );
};

/** The composition root: configuration → telemetry → backend → server. Resolves when it listens; rejects when that cannot be. */
export const startGateway = async (
  config: Config,
  version: string,
  signal: AbortSignal,
): Promise<Gateway> => {
  const redaction = await loadRedaction(config);
  const log = await createLog(config.logLevel, serviceNameOr(SERVICE), redaction.policy);
  if (config.traceRequired) await assertWritable(config.mirrorPath);
  const writers = await joinFiles([...(config.mirror ? [config.mirrorPath] : []), config.usagePath]);
  warnOfMistakes(config, writers.shared, log);
  const usageFile = openUsageLog(config, log);
  const telemetry = await createTelemetry({
    serviceName: SERVICE,
    serviceVersion: version,
    env: config.otelEnv,
    policy: redaction.policy,
    rules: redaction.sources,
    mirror: mirrorSettings(config),
    log: log.logger,
    trustsSender: createTrustsSender(config),
    untracedPaths: PROBE_PATHS,
    enableSdk,
  });
  log.alsoTo(telemetry.logExport);
  const shared = createShared();
  const backends = await createBackends({ config, version, telemetry, redaction, log, shared });
  const { router } = backends;
  const nameModel = createNameModel(router, redaction.policy);
  const usageLog = createUsageLog(usageFile, redaction.policy.sanitizer);
  const phases = assemblePhases(backends, config, nameModel, createUsageSummary(usageLog, nameModel), shared);
  const exchanges = createExchanges({
    async runRequest(exchange) {
      const settlement = await backends.use(() => runRequest(exchange, phases));
      backends.noteResponse(exchange.facts);
      return settlement;
    },
    onSettled: createAccessLog((fields, message) => log.logger.info(fields, message), nameModel),
    timeoutMs: config.timeoutMs,
  });

  const admission = createAdmission({ limits: config.limits, later: systemLater });
  let server: HttpServer | undefined;
  const shutdown = createShutdown({
    server: () => server,
    admission,
    exchanges,
    backend: backends,
    telemetry,
    closeFiles: () =>
      Promise.allSettled([telemetry, usageFile, backends].map((closed) => closed.close())).finally(
        writers.leave,
      ),
    log,
    drainMs: config.limits.drainMs,
  });
  const { stop, crash, abandon } = shutdown;

  const parts: Parts = {
    ...{ config, version, telemetry, redaction, backends, log },
    ...{ exchanges, admission, isDraining: () => shutdown.draining, shared },
  };
  try {
    server = await startServer(parts);
  } catch (thrown) {
    await shutdown.undo();
    throw new Error(listenProblem(config, thrown), { cause: thrown });
  }
  const started = followStart(parts, server.url, signal);
  return { url: server.url, started, reload: backends.reload, stop, crash, abandon };
};
