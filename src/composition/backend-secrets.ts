import type { ConfiguredBackend } from '../gateway/routes.ts';
import { isShownHeader } from '../telemetry/index.ts';

/** The secrets in the configuration of the backends: keys, and the values of headers that telemetry may not show. */
export const secretsOf = (backends: readonly ConfiguredBackend[]): string[] =>
  backends.flatMap((backend) => {
    if (backend.kind !== 'http') return [];
    const { key, headers } = backend.settings;
    const hidden = Object.entries(headers).filter(([name]) => !isShownHeader(name.toLowerCase()));
    return [...(key === null ? [] : [key]), ...hidden.map(([, value]) => value)];
  });
