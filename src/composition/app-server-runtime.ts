import { createAppServerBackend } from '../backend/app-server/app-server-backend.ts';
import type { Shared } from '../backend/app-server/turn/event-queue.ts';
import { withExpectedAnswers } from '../backend/expected-answer.ts';
import type { Config } from '../config/index.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import { backendName, createBackendPool, createModelCatalog, startProblem } from './backend.ts';
import type { BackendRuntime } from './backend-runtime.ts';
import { codexNotes } from './codex-notes.ts';
import { createCodexPlace } from './codex-place.ts';
import { explain } from './explain.ts';
import type { Member } from './processes/member.ts';
import type { Redaction } from './redaction.ts';

/** What each backend is created with. */
export interface RuntimeDeps {
  readonly config: Config;
  readonly version: string;
  readonly telemetry: Telemetry;
  readonly redaction: Redaction;
  readonly log: Log;
  readonly shared: Shared;
  /** Set where this is one process of several. */
  readonly member: Member | null;
}

/** Creates the app-server that the environment names. Its processes start at once. Rejects if no folder for its turns can be made. */
export const createAppServerRuntime = async (name: string, deps: RuntimeDeps): Promise<BackendRuntime> => {
  const { config, shared } = deps;
  const place = await createCodexPlace(config).catch(
    explain('cannot make a working directory for the backend (PROXY_CODEX_WORKDIR)'),
  );
  const pool = await createBackendPool(deps, place);
  const catalog = await createModelCatalog(deps);
  const limits = { connectMs: config.connectTimeoutMs, interruptMs: config.interruptTimeoutMs };
  const backend = createAppServerBackend(pool, place, limits, catalog, shared.pace, name);
  return {
    name,
    routed: { kind: 'app-server', name, turn: withExpectedAnswers(backend, shared.held, shared.pace) },
    get health() {
      const { ready, starting } = pool.state;
      return { name, kind: 'app-server' as const, ready, starting, reason: null, circuit: null };
    },
    get workers() {
      return pool.state;
    },
    notes: { backend: backendName(config), ...codexNotes(config, place) },
    started: (signal) => pool.started(signal).catch(explain(startProblem(config))),
    stop: (graceMs) => pool.stop(graceMs),
    abandon: () => pool.abandon(),
    close: () => Promise.allSettled([place.folders.close(), catalog.close()]),
  };
};
