import type { ConfiguredBackend } from '../gateway/routes.ts';
import { isShownHeader } from '../telemetry/index.ts';

/** What the configuration of the backends says that no record may show: their keys, and headers that records show by name alone. */
export const secretsOf = (backends: readonly ConfiguredBackend[]): string[] =>
  backends.flatMap((backend) => {
    if (backend.kind !== 'http') return [];
    const { key, headers } = backend.settings;
    const hidden = Object.entries(headers).filter(([name]) => !isShownHeader(name.toLowerCase()));
    return [...(key === null ? [] : [key]), ...hidden.map(([, value]) => value)];
  });
