import { randomBytes } from 'node:crypto';
import { APP_SERVER_SUPPORT } from '../backend/app-server/support.ts';
import type { Shared } from '../backend/app-server/turn/event-queue.ts';
import type { Config } from '../config/index.ts';
import type { Admission } from '../http/admission/admission.ts';
import { type AppDeps, createApp, refuseRequest } from '../http/app.ts';
import { createAuthenticate } from '../http/auth.ts';
import { createBodyBudget, createLeasedBudget, MAX_BODIES_BYTES } from '../http/body-budget.ts';
import type { Exchanges } from '../http/exchanges.ts';
import type { Health } from '../http/health.ts';
import { answerParserErrors } from '../http/parser-errors.ts';
import { createHttpServer, type HttpServer, listen } from '../http/server.ts';
import { createCheckSite } from '../http/sites.ts';
import type { Telemetry } from '../telemetry/index.ts';
import type { Log } from '../telemetry/log.ts';
import type { Backends } from './backends.ts';
import type { Member } from './processes/member.ts';
import type { Redaction } from './redaction.ts';

/** What the server answers from. */
export interface Parts {
  readonly config: Config;
  readonly version: string;
  readonly telemetry: Telemetry;
  readonly redaction: Redaction;
  readonly backends: Backends;
  readonly log: Log;
  readonly exchanges: Exchanges;
  readonly admission: Admission;
  readonly isDraining: () => boolean;
  readonly shared: Shared;
  /** Set where this is one process of several. */
  readonly member: Member | null;
}

/** How this process is. */
export const healthOf = (parts: Parts): Health => ({
  version: parts.version,
  draining: parts.isDraining(),
  ...parts.backends.health,
  openRequests: parts.exchanges.open,
  admission: parts.admission.state,
});

/** A model for the request that is shown to be copied: the embedded app-server's own, where nothing else answers. */
const exampleModel = ({ backend, appServerCommand, appServerUrl }: Config): string | null =>
  backend.kind !== 'app-server' || appServerCommand || appServerUrl ? null : 'throughline-echo';

const RANDOM_BYTES = 4096;

/** Random hex digits, from bytes of which many are made at once: a call for a few takes as long as one for thousands. */
const createRandomHex = (): ((bytes: number) => string) => {
  let pool = Buffer.alloc(0);
  return (bytes) => {
    if (pool.length < bytes) pool = randomBytes(Math.max(RANDOM_BYTES, bytes));
    const hex = pool.toString('hex', 0, bytes);
    pool = pool.subarray(bytes);
    return hex;
  };
};

/** Makes the app and listens. */
export const startServer = async (parts: Parts): Promise<HttpServer> => {
  const {
    config,
    version,
    telemetry,
    redaction: {
      policy: { sanitizer },
    },
    backends,
    exchanges,
    admission,
    member,
  } = parts;
  const { pace } = parts.shared;
  const randomHex = createRandomHex();
  const deps: AppDeps = {
    exchanges,
    receive: {
      checkSite: createCheckSite(config.sites),
      authenticate: createAuthenticate(config.apiKeys),
      limits: {
        maxBytes: config.limits.maxBodyBytes,
        timeoutMs: config.limits.bodyTimeoutMs,
        budget: member
          ? createLeasedBudget(member.admission('bodies'))
          : createBodyBudget(Math.max(MAX_BODIES_BYTES, config.limits.maxBodyBytes)),
      },
      anyoneForcesTrace: !config.production,
      requests: { strict: config.strictParameters, sanitizeText: sanitizer.sanitizeText },
      sanitizer,
      pace,
      router: backends.router,
    },
    admission,
    // An HTTP server documents its parameters itself.
    support: config.backend.kind === 'http' ? null : APP_SERVER_SUPPORT,
    stallMs: config.limits.clientStallMs,
    openTrace: telemetry.openRequest,
    nameServerSpan: telemetry.nameServerSpan,
    randomHex,
    pace,
    version,
    welcome: { model: exampleModel(config), needsKey: config.apiKeys.length > 0 },
    isDraining: parts.isDraining,
    health: () => (member ? member.health(healthOf(parts)) : healthOf(parts)),
  };
  const { server, turns } = createHttpServer(createApp(deps), (incoming, outgoing, error) =>
    refuseRequest(deps, incoming, outgoing, error),
  );
  answerParserErrors(server, {
    exchanges,
    turns,
    newReqId: () => `req_${randomHex(6)}`,
    openTrace: telemetry.openDetachedRequest,
  });
  return member ? member.listen(server) : listen(server, config.host, config.port);
};
