import { createHttpBackend } from '../backend/http-upstream/http-backend.ts';
import type { Reachability } from '../backend/http-upstream/relay/server-models.ts';
import { createTranslation } from '../backend/http-upstream/translate/translation.ts';
import type { HttpBackendSettings } from '../gateway/http-backend-settings.ts';
import { backgroundTimers } from '../later.ts';
import type { RuntimeDeps } from './app-server-runtime.ts';
import type { BackendRuntime } from './backend-runtime.ts';

/** Tells of a server that does not answer, and of one that does again; the first answer is no news. */
const createReachabilityNotes = (name: string, { logger }: RuntimeDeps['log'], onUp: () => void) => {
  let isDown = false;
  return ({ up, reason }: Reachability): void => {
    if (up) onUp();
    if (up === !isDown) return;
    isDown = !up;
    if (up) logger.info({ backend: name }, `the backend ${name} answers`);
    else
      logger.warn(
        { backend: name, reason },
        `the backend ${name} does not answer; it is asked again every few seconds`,
      );
  };
};

const rejectWhenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** An OpenAI-compatible server. One that is not up yet is no failure: it is asked until it is. */
export const createHttpRuntime = (
  settings: HttpBackendSettings,
  { version, shared: { pace }, log, redaction }: RuntimeDeps,
): BackendRuntime => {
  const { name, apis, passthrough, url } = settings;
  const up = Promise.withResolvers<void>();
  const relay = createHttpBackend(settings, {
    ...{ version, pace, timers: backgroundTimers, random: Math.random },
    onForward: redaction.policy.sanitizer.passSecret,
    onReachability: createReachabilityNotes(name, log, up.resolve),
  });
  void relay.refresh();
  const forwardsKey = settings.auth === 'forward';
  return {
    name,
    forwardsKey,
    routed: {
      kind: 'http',
      name,
      serves: { apis, passthrough },
      relay,
      translated: apis.includes('chat') ? createTranslation({ backend: relay, forwardsKey, pace }) : null,
    },
    get health() {
      const { up: ready, reason, circuit } = relay.state;
      return { name, kind: 'http' as const, ready, starting: !ready, reason, circuit };
    },
    workers: null,
    notes: { backend: url.href },
    started: (signal) => Promise.race([up.promise, rejectWhenAborted(signal)]),
    stop: () => relay.close(),
    abandon: () => void relay.abandon(),
    close: async () => undefined,
  };
};
