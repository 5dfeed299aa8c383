import { createHttpBackend } from '../backend/http-upstream/http-backend.ts';
import { createTranslation } from '../backend/http-upstream/translate/translation.ts';
import { abortable } from '../backend/work-deadline.ts';
import type { HttpBackendSettings } from '../gateway/http-backend-settings.ts';
import { backgroundTimers } from '../later.ts';
import type { RuntimeDeps } from './app-server-runtime.ts';
import type { BackendRuntime } from './backend-runtime.ts';
import { createReachabilityNotes } from './reachability-notes.ts';

/** Creates the backend for an OpenAI-compatible server. A server that is down is no error: it is asked again until it answers. */
export const createHttpRuntime = (
  settings: HttpBackendSettings,
  { version, shared: { pace }, log, redaction }: RuntimeDeps,
): BackendRuntime => {
  const { name, apis, passthrough, url } = settings;
  const tell = createReachabilityNotes({
    name,
    forwardsKey: settings.auth === 'forward',
    logger: log.logger,
  });
  const up = Promise.withResolvers<void>();
  let wasUp = false;
  const relay = createHttpBackend(settings, {
    ...{ version, pace, timers: backgroundTimers, random: Math.random },
    onForward: redaction.policy.sanitizer.passSecret,
    onReachability(reachability) {
      if (reachability.up) {
        wasUp = true;
        up.resolve();
      }
      tell(reachability);
    },
  });
  void relay.refresh();
  return {
    name,
    routed: {
      kind: 'http',
      name,
      serves: { apis, passthrough },
      relay,
      translated: apis.includes('chat') ? createTranslation({ backend: relay, pace }) : null,
    },
    get health() {
      const { up: ready, reason, circuit } = relay.state;
      return { name, kind: 'http' as const, ready, starting: !ready && !wasUp, reason, circuit };
    },
    workers: null,
    notes: { backend: url.href },
    started: (signal) => abortable(up.promise, signal),
    stop: () => relay.close(),
    abandon: () => void relay.abandon(),
    close: async () => undefined,
  };
};
