import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CatalogFile,
  createCatalogFile,
  NO_CATALOG,
} from '../backend/app-server/worker/catalog-file.ts';
import { createWorkerPool, type WorkerPool } from '../backend/app-server/worker/pool.ts';
import type { WorkerIdentity } from '../backend/app-server/worker/process.ts';
import type { SupervisorNotes } from '../backend/app-server/worker/supervisor-notes.ts';
import { startWorker, type Worker, type WorkerSettings } from '../backend/app-server/worker/worker.ts';
import type { Config } from '../config/index.ts';
import type { CapturePolicy, Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import type { RuntimeDeps } from './app-server-runtime.ts';
import { hasOwnOtel, type Start, withCoreEnvironment, withSpansTo } from './codex.ts';
import { variablesNamedIn } from './codex-env.ts';
import { type CodexPlace, isCodex } from './codex-place.ts';
import { createStderrFilter } from './embedded-stderr.ts';
import { lastSpans } from './last-spans.ts';
import { warnOnce } from './mistakes.ts';
import type { Redaction } from './redaction.ts';

const EMBEDDED = fileURLToPath(new URL('../app-server/main.ts', import.meta.url));
const HANDSHAKE_MS = 15_000;

/**
 * Node's cache of stripped types for the embedded app-server: half of its start is reading its own files. It is the folder that this
 * process has checked and uses, or none.
 */
const compileCache = (): Record<string, string> => {
  // Node's own folder in it, for this version and user, is made by each process alike.
  const folder = getCompileCacheDir();
  return folder ? { NODE_COMPILE_CACHE: dirname(folder) } : { NODE_DISABLE_COMPILE_CACHE: '1' };
};

const isEmbedded = ({ appServerCommand, appServerUrl }: Config): boolean =>
  !appServerCommand && !appServerUrl;

const embeddedFlags = ({ echoFaults }: Config): string[] => (echoFaults ? ['--faults'] : []);

/** What to say when the backend that the configuration names cannot be had. Its arguments may hold secrets, and are not told. */
export const startProblem = ({ appServerCommand, appServerUrl, codexBin }: Config): string => {
  if (appServerUrl) return `cannot reach the app-server at ${appServerUrl} (PROXY_APP_SERVER_URL)`;
  if (appServerCommand) {
    const setting = codexBin ? 'CODEX_BIN' : 'PROXY_APP_SERVER_CMD';
    return `cannot start the backend ${appServerCommand[0]} (${setting})`;
  }
  return 'cannot start the embedded app-server';
};

/** What the start line calls the backend. */
export const backendName = ({ appServerCommand, appServerUrl, echoFaults }: Config): string => {
  if (appServerUrl) return appServerUrl;
  if (appServerCommand) return String(appServerCommand[0]);
  return `embedded app-server${echoFaults ? ', which any prompt may crash (PROXY_ECHO_FAULTS)' : ''}`;
};

/** What to look at when the backend does not start. */
const failedStart = (config: Config): string =>
  startProblem(config) +
  (config.appServerCommand ? '; its own words are not kept: run it by hand to see them' : '');

const createNotes = ({ logger }: Log, config: Config, policy: CapturePolicy): SupervisorNotes => ({
  onExit: (exit, identity) =>
    logger.error({ ...identity, ...exit }, 'the backend ended; starting or reaching it again'),
  onFailedStart: (thrown, identity) =>
    logger.error({ ...identity, error: policy.full ? String(thrown) : thrown }, failedStart(config)),
  onReady: (identity) => logger.info({ ...identity }, 'the backend is ready again'),
  onUnresponsive: (identity) =>
    logger.warn({ ...identity }, 'the backend answers nothing: it gets no turns until it does'),
  onAnswering: (identity) => logger.info({ ...identity }, 'the backend answers again'),
  onSick: (reason, identity) =>
    logger.warn(
      { ...identity, reason },
      'the backend is sick: it gets no more turns, another takes its place',
    ),
  onDrained: (exit, identity) => logger.info({ ...identity, ...exit }, 'the sick backend has ended'),
  onRestartLimit: (waitMs, identity) =>
    logger.error(
      { ...identity, wait_ms: waitMs },
      'the backend was started as often as PROXY_MAX_RESTARTS allows; the next start waits',
    ),
});

/** How the process is started, and where its spans go: to the mirror, unless its own configuration says otherwise. */
const startOf = async (
  config: Config,
  { backendSpans }: Telemetry,
  { sources }: Redaction,
): Promise<Start & { readonly isRelayed: boolean }> => {
  const { appServerCommand, codexBin, codexConfigs } = config;
  const spansTo = await backendSpans?.urls;
  const start = {
    command: appServerCommand ?? [process.execPath, EMBEDDED, ...embeddedFlags(config)],
    env: {
      ...(appServerCommand && config.namedEnv(await variablesNamedIn(codexConfigs))),
      ...config.childEnv,
      THROUGHLINE_CAPTURE: config.capture,
      ...(spansTo && { THROUGHLINE_MIRROR_OTLP_ENDPOINT: spansTo.mirrorUrl }),
      // It exports by itself, through a sanitizer of its own.
      ...(isEmbedded(config) && sources && { THROUGHLINE_REDACT_RULES: JSON.stringify(sources) }),
      ...(isEmbedded(config) && compileCache()),
    },
  };
  if (!codexBin) return { ...start, isRelayed: false };
  const closed = withCoreEnvironment(start);
  if (!spansTo || (await hasOwnOtel(codexConfigs))) return { ...closed, isRelayed: false };
  return { ...withSpansTo(spansTo.relay, closed), isRelayed: true };
};

const workerSettings = (start: Start, config: Config, version: string): Omit<WorkerSettings, 'workdir'> => ({
  ...start,
  url: config.appServerUrl ?? undefined,
  // A foreign app-server's words are only counted.
  onStderr: config.appServerCommand
    ? undefined
    : createStderrFilter((text) => void process.stderr.write(text)),
  codexTools: isCodex(config) ? config.codexTools : undefined,
  clientVersion: version,
  handshakeMs: HANDSHAKE_MS,
  stall: { firstByteMs: config.firstByteTimeoutMs, idleMs: config.idleTimeoutMs },
});

const UNKNOWN_PROGRAM =
  'cannot tell which program Codex is, so its commands may read everything but logs, CODEX_HOME and the gateway: ' +
  'give the gateway a user of its own or a container, or set PROXY_CODEX_TOOLS=off';

/** Starts a worker in a folder that goes with it. */
const createStart =
  (settings: Omit<WorkerSettings, 'workdir'>, { folders }: CodexPlace, deps: RuntimeDeps) =>
  async (signal: AbortSignal, identity: WorkerIdentity): Promise<Worker> => {
    const folder = await folders.open();
    const worker = await startWorker(
      { ...settings, workdir: folder.path },
      deps.telemetry,
      signal,
      identity,
    ).catch(async (thrown: unknown) => {
      await folder.remove();
      throw thrown;
    });
    void worker.exited.then(folder.remove);
    if (settings.codexTools === 'read-only' && worker.codex.program === null) {
      warnOnce(deps, { ...identity }, UNKNOWN_PROGRAM);
    }
    return worker;
  };

/** Keeps the backend that the configuration names running, or reached: as many workers as it says, each supervised alone. */
export const createBackendPool = async (deps: RuntimeDeps, place: CodexPlace): Promise<WorkerPool> => {
  const { config, version, telemetry, redaction, log, shared } = deps;
  const { isRelayed, ...start } = await startOf(config, telemetry, redaction);
  const settings = { ...workerSettings(start, config, version), shared };
  return createWorkerPool({
    workers: config.workers,
    beforeEnd: isRelayed ? lastSpans(telemetry) : undefined,
    maxRestarts: config.maxRestarts,
    start: createStart(settings, place, deps),
    notes: createNotes(log, config, redaction.policy),
  });
};

/** Has the Codex that the configuration names tell its models, for turns with tools of the client's. */
export const createModelCatalog = async (deps: RuntimeDeps): Promise<CatalogFile> => {
  const { config } = deps;
  const { appServerCommand, codexConfigs } = config;
  if (!appServerCommand) return NO_CATALOG;
  return createCatalogFile({
    command: appServerCommand,
    env: { ...config.namedEnv(await variablesNamedIn(codexConfigs)), ...config.childEnv },
    cwd: config.workdir ?? tmpdir(),
    ownTools: config.codexTools !== 'off',
    onFailure: (reason) =>
      warnOnce(
        deps,
        { reason },
        "no model catalogue: models in Codex's code mode cannot call clients' tools",
      ),
  });
};
