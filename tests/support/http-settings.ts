import type { HttpBackendSettings } from '../../src/gateway/http-backend-settings.ts';

/** A backend of the kind `http` that serves all APIs, trusted by nobody. */
export const httpSettings = (over: Partial<HttpBackendSettings> = {}): HttpBackendSettings => ({
  name: 'next',
  url: new URL('http://127.0.0.1:9/v1'),
  key: null,
  auth: 'own',
  trust: false,
  apis: ['chat', 'completions', 'responses', 'embeddings', 'moderations'],
  usage: 'ask',
  passthrough: false,
  metadata: false,
  timeouts: { connectMs: 5_000, firstByteMs: 300_000, idleMs: 300_000 },
  headers: {},
  ...over,
});
