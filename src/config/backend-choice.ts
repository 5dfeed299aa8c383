import { resolve } from 'node:path';
import type { HttpBackendSettings } from '../gateway/http-backend-settings.ts';
import type { Api } from '../gateway/relay.ts';
import type { Routes } from '../gateway/routes.ts';
import { readHttpTimeouts } from './backend.ts';
import { baseUrlProblem, toBaseUrl } from './base-url.ts';
import { ConfigError, type Env, type Reader, readUrl } from './reader.ts';
import { DEFAULT_APIS } from './routes/defaults.ts';
import { LOOPBACK } from './sites.ts';

/** The backend: one app-server, one HTTP server, or those in a routes file. */
export type BackendChoice =
  | { readonly kind: 'app-server' }
  | { readonly kind: 'http'; readonly settings: HttpBackendSettings }
  | {
      readonly kind: 'routes';
      readonly path: string;
      /** The given settings that only have an effect if the file has an app-server. */
      readonly ofAppServer: readonly string[];
      /** Reads the file as it is now. Rejects with a `RoutesError`. */
      readonly load: () => Promise<Routes>;
    };

const KINDS = ['app-server', 'http'] as const;
const UPSTREAM = 'PROXY_UPSTREAM_URL';
/** The name of the backend of `PROXY_UPSTREAM_URL`. */
const UPSTREAM_NAME = 'upstream';
/** The settings that name an app-server. */
const APP_SERVERS = ['PROXY_APP_SERVER_URL', 'PROXY_APP_SERVER_CMD', 'CODEX_BIN'] as const;
const OF_APP_SERVER = [...APP_SERVERS, 'PROXY_APP_SERVER_ENV'] as const;

const readUpstreamUrl = (read: Reader): URL | null => {
  const value = readUrl(read, UPSTREAM, ['http:', 'https:']);
  if (value === null) return null;
  const problem = baseUrlProblem(value);
  if (problem !== null) throw new ConfigError(UPSTREAM, '(not shown)', problem);
  return toBaseUrl(value);
};

const readUpstreamKey = ({ given }: Reader, url: URL | null): string | null => {
  const key = given('PROXY_UPSTREAM_API_KEY') ?? null;
  if (key !== null && url === null)
    throw new ConfigError('PROXY_UPSTREAM_API_KEY', '(not shown)', `only with ${UPSTREAM}`);
  if (key !== null && !/^[\x21-\x7e]+$/.test(key))
    throw new ConfigError(
      'PROXY_UPSTREAM_API_KEY',
      '(not shown)',
      'letters, digits and signs, without blanks',
    );
  return key;
};

/** Those that the server has itself: the others it serves by a translation, where it has chat. */
const readUpstreamApis = ({ given }: Reader, url: URL | null): readonly Api[] => {
  const list = given('PROXY_UPSTREAM_APIS');
  if (list === undefined) return DEFAULT_APIS;
  if (url === null) throw new ConfigError('PROXY_UPSTREAM_APIS', list, `only with ${UPSTREAM}`);
  const names = list.split(',').map((name) => name.trim());
  const apis = DEFAULT_APIS.filter((api) => names.includes(api));
  if (apis.length !== new Set(names).size)
    throw new ConfigError('PROXY_UPSTREAM_APIS', list, `a comma list of ${DEFAULT_APIS.join(', ')}`);
  return Object.freeze(apis);
};

/** Whether a URL stays on this machine. */
const isLoopback = ({ hostname }: URL): boolean =>
  LOOPBACK.has(hostname.replace(/^\[(.*)\]$/, '$1')) || /^127(?:\.\d{1,3}){3}$/.test(hostname);

const upstreamSettings = (
  url: URL,
  key: string | null,
  apis: readonly Api[],
  read: Reader,
): HttpBackendSettings =>
  Object.freeze({
    name: UPSTREAM_NAME,
    url,
    key,
    auth: 'own' as const,
    trust: isLoopback(url),
    apis,
    usage: 'ask' as const,
    passthrough: false,
    metadata: false,
    timeouts: readHttpTimeouts(read),
    headers: Object.freeze({}),
  });

/** Throws if two settings contradict each other about the backend. */
const assertOne = ({ given }: Reader, kind: string | undefined): void => {
  const url = given(UPSTREAM);
  const path = given('PROXY_ROUTES');
  if (path !== undefined && url !== undefined)
    throw new ConfigError(
      'PROXY_ROUTES',
      path,
      `unset where ${UPSTREAM} is set; name that server in the file`,
    );
  if (path !== undefined && kind !== undefined)
    throw new ConfigError(
      'PROXY_BACKEND',
      kind,
      'unset where PROXY_ROUTES is set; the file names the backends',
    );
  if (kind === 'app-server' && url !== undefined)
    throw new ConfigError(
      'PROXY_BACKEND',
      kind,
      `unset or http where ${UPSTREAM} is set; the app-server has its own model`,
    );
  if (kind === 'http' && url === undefined)
    throw new ConfigError('PROXY_BACKEND', kind, `only with ${UPSTREAM}`);
  const appServer = APP_SERVERS.find((name) => given(name) !== undefined);
  if (kind === undefined && url !== undefined && appServer !== undefined)
    throw new ConfigError(
      UPSTREAM,
      '(set)',
      `unset where ${appServer} is set; PROXY_BACKEND=http prefers it, PROXY_ROUTES serves both`,
    );
};

/** Reads which backend is used. Throws a `ConfigError` for the first value that is wrong. */
export const readBackendChoice = (env: Env, read: Reader): BackendChoice => {
  const given = read.given('PROXY_BACKEND');
  const kind = given === undefined ? undefined : read.oneOf('PROXY_BACKEND', KINDS, 'app-server');
  const url = readUpstreamUrl(read);
  assertOne(read, kind);
  const key = readUpstreamKey(read, url);
  const apis = readUpstreamApis(read, url);
  const file = read.given('PROXY_ROUTES');
  if (file !== undefined) {
    const path = resolve(file);
    return Object.freeze({
      kind: 'routes',
      path,
      ofAppServer: OF_APP_SERVER.filter((name) => read.given(name) !== undefined),
      // Imported only if there is a file: without one the start does not load a YAML parser.
      load: async () => (await import('./routes/load.ts')).loadRoutes(path, env),
    });
  }
  if (url !== null) return Object.freeze({ kind: 'http', settings: upstreamSettings(url, key, apis, read) });
  return Object.freeze({ kind: 'app-server' });
};
