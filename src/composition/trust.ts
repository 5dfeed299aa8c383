import type { Config } from '../config/index.ts';
import { createAuthenticate } from '../http/auth.ts';
import type { TelemetryOptions } from '../telemetry/index.ts';

/** Makes the function that says whether a sender's `traceparent` becomes the parent of its request, by `PROXY_TRACE_TRUST`. */
export const createTrustsSender = ({
  traceTrust,
  apiKeys,
}: Pick<Config, 'traceTrust' | 'apiKeys'>): TelemetryOptions['trustsSender'] => {
  switch (traceTrust) {
    case 'always':
      return () => true;
    case 'never':
      return () => false;
    case 'authenticated': {
      const authenticate = createAuthenticate(apiKeys);
      return (authorization) => {
        try {
          return authenticate(authorization) !== null;
        } catch {
          return false;
        }
      };
    }
  }
};
