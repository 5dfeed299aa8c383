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
import { type CapturePolicy, createTelemetry, type Telemetry } from '../telemetry/index.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { serviceNameOr } from '../telemetry/otel/service-name.ts';
import { createUsageLog } from '../usage/usage-log.ts';
import { createUsageSummary } from '../usage/usage-summary.ts';
import { GATEWAY_SERVICE, listenProblem, sayListening, sayReady, startFields } from './announce.ts';
import { type Backends, createBackends } from './backends.ts';
import { assertWritable, mirrorSettings, openUsageLog } from './files.ts';
import { warnOfMistakes } from './mistakes.ts';
import type { Member } from './processes/member.ts';
import { loadRedaction, type Redaction } from './redaction.ts';
import { healthOf, type Parts, startServer } from './server.ts';
import { createShutdown } from './shutdown.ts';
import { createTrustsSender } from './trust.ts';
import { joinFiles, writtenFiles } from './writers.ts';

/** A running gateway. */
export interface Gateway {
  readonly url: string;
  /** Resolves once a worker is ready, which the log says then; rejects when the backend's command cannot be started at all, or the start is aborted. */
  readonly started: Promise<void>;
  /** Of several processes: resolves with the reason when it cannot go on. */
  readonly broken?: Promise<Error>;
  /** Whether its telemetry thread has not ended, which one that hangs in the file system never does. */
  readonly hasThread?: () => boolean;
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

/** Marks the files as ours, and says what the operator may not have meant. Of several processes the primary does both, for all. */
const joinGatewayFiles = async (config: Config, log: Log, member: Member | null) => {
  const writers = await joinFiles(member ? [] : writtenFiles(config));
  if (!member) warnOfMistakes(config, writers.shared, log);
  return writers;
};

const openTelemetry = (
  config: Config,
  version: string,
  redaction: Redaction,
  log: Log,
  pid: number | undefined,
): Promise<Telemetry> =>
  createTelemetry({
    serviceName: GATEWAY_SERVICE,
    serviceVersion: version,
    env: config.otelEnv,
    policy: redaction.policy,
    rules: redaction.sources,
    mirror: mirrorSettings(config, pid),
    log: log.logger,
    trustsSender: createTrustsSender(config),
    untracedPaths: PROBE_PATHS,
    enableSdk,
  });

/** The log of a process for its end, of which the primary tells. */
const withoutInfo = (log: Log): Log => ({ ...log, logger: log.logger.child({}, { level: 'warn' }) });

/** Follows the start of the backends to its end. Must not log `ready on` before this resolves: scripts wait for that text. */
const followStart = (parts: Parts, url: string, signal: AbortSignal): Promise<void> => {
  const { backends, exchanges, log, member } = parts;
  if (member) member.serves({ health: () => healthOf(parts), makerOf: backends.makerOf });
  else sayListening(log, url);
  return backends.started(signal).then(
    () => (member ? member.ready(startFields(parts)) : sayReady(log, url, startFields(parts))),
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
  member: Member | null = null,
): Promise<Gateway> => {
  const redaction = await loadRedaction(config);
  const pid = member ? process.pid : undefined;
  const log = await createLog(config.logLevel, serviceNameOr(GATEWAY_SERVICE), redaction.policy, pid);
  if (config.traceRequired) await assertWritable(config.mirrorPath);
  const writers = await joinGatewayFiles(config, log, member);
  const usageFile = openUsageLog(config, log);
  const telemetry = await openTelemetry(config, version, redaction, log, pid);
  log.alsoTo(telemetry.logExport);
  const shared = createShared();
  const closeFiles = (...others: readonly { close(): Promise<unknown> }[]): Promise<unknown> =>
    Promise.allSettled([telemetry, usageFile, ...others].map((closed) => closed.close())).finally(
      writers.leave,
    );
  const backends = await createBackends({ config, version, telemetry, redaction, log, shared, member }).catch(
    async (thrown: unknown) => {
      // The telemetry thread keeps a process alive.
      await telemetry.shutdown();
      await closeFiles();
      throw thrown;
    },
  );
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

  const admission =
    member?.admission('requests') ?? createAdmission({ limits: config.limits, later: systemLater });
  let server: HttpServer | undefined;
  const shutdown = createShutdown({
    server: () => server,
    admission,
    exchanges,
    backend: backends,
    telemetry,
    closeFiles: () => closeFiles(backends),
    log: member ? withoutInfo(log) : log,
    drainMs: config.limits.drainMs,
  });
  const made = { config, version, telemetry, redaction, backends, log, exchanges, admission, shared, member };
  const parts: Parts = { ...made, isDraining: () => shutdown.draining };
  try {
    server = await startServer(parts);
  } catch (thrown) {
    await shutdown.undo();
    throw new Error(listenProblem(config, thrown), { cause: thrown });
  }
  const started = followStart(parts, server.url, signal);
  const { stop, crash, abandon } = shutdown;
  const hasThread = () => telemetry.hasThread;
  return { url: server.url, started, hasThread, reload: backends.reload, stop, crash, abandon };
};
