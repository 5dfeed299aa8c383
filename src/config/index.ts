import { resolve } from 'node:path';
import { CAPTURES, type Capture, LOG_LEVELS, type LogLevel } from '../telemetry/settings.ts';
import { type AppServerSettings, readAppServer } from './app-server.ts';
import { type BackendLimits, readBackendLimits, readEchoFaults } from './backend.ts';
import { type BackendChoice, readBackendChoice } from './backend-choice.ts';
import { namedEnv, pickEnv, readChildEnv } from './child-env.ts';
import { type CodexSettings, readCodex } from './codex.ts';
import { type FileBounds, readFileBounds } from './files.ts';
import { type Limits, readLimits } from './limits.ts';
import { assertOtel } from './otel.ts';
import { type ProcessSettings, readProcesses } from './processes.ts';
import { ConfigError, type Env, type Reader, reader, type UnknownVariable } from './reader.ts';
import { LOOPBACK, readSites, type Sites } from './sites.ts';

export { ConfigError } from './reader.ts';

/** A client's key, and the name that records show instead of it. */
interface ApiKey {
  readonly name: string;
  readonly key: string;
}

/** Everything that the environment decides, checked and frozen. Times are in milliseconds. */
export interface Config extends BackendLimits, AppServerSettings, CodexSettings, FileBounds, ProcessSettings {
  readonly host: string;
  readonly port: number;
  readonly apiKeys: readonly ApiKey[];
  readonly sites: Sites;
  readonly production: boolean;
  /** Whether npm runs us by `npm start`. */
  readonly byNpm: boolean;
  readonly capture: Capture;
  readonly mirror: boolean;
  readonly traceRequired: boolean;
  readonly mirrorPath: string;
  readonly usagePath: string;
  readonly logLevel: LogLevel;
  /** Keys and patterns that the operator adds to the sanitizer's. */
  readonly redactFile: string | null;
  /** What answers. The settings of the app-server count where it is one, or is among the backends of the routes. */
  readonly backend: BackendChoice;
  /** Whose `traceparent` becomes the parent of our spans; of the others it becomes a link. */
  readonly traceTrust: TraceTrust;
  /** Whether prompts may make the deterministic model break things. */
  readonly echoFaults: boolean;
  readonly timeoutMs: number;
  /** Whether parameters without effect are refused instead of ignored. */
  readonly strictParameters: boolean;
  readonly limits: Limits;
  /** What the app-server process inherits. */
  readonly childEnv: Readonly<Record<string, string>>;
  /** What it gets as well, where its own configuration names these variables. */
  readonly namedEnv: (names: readonly string[]) => Readonly<Record<string, string>>;
  readonly otelEnv: Readonly<Record<string, string>>;
  /** `PROXY_*` variables that are no settings: most likely misspelt ones. */
  readonly unknownVariables: readonly UnknownVariable[];
}

const TRACE_TRUSTS = ['always', 'authenticated', 'never'] as const;
type TraceTrust = (typeof TRACE_TRUSTS)[number];

/** Settings of the contract whose features are not built yet: refused, rather than accepted and ignored. */
const NOT_BUILT = ['PROXY_METRICS_TOKEN'];

const DATA_DIRECTORY = '.throughline';

const readApiKeys = ({ given }: Reader): ApiKey[] => {
  const list = given('PROXY_API_KEYS');
  if (list === undefined) return [];
  const wrong = (): never => {
    throw new ConfigError('PROXY_API_KEYS', '(not shown)', 'a comma list of name:key or key');
  };
  const entries = list.split(',').flatMap((entry) => entry.trim() || []);
  // A list of nothing would leave the gateway open to anyone.
  if (entries.length === 0) wrong();
  return entries.map((entry, index) => {
    const [name, key] = entry.includes(':') ? entry.split(/:(.*)/s, 2) : [`key${index + 1}`, entry];
    return name && key ? Object.freeze({ name, key }) : wrong();
  });
};

const readCapture = ({ oneOf }: Reader, production: boolean): Capture => {
  const capture = oneOf('PROXY_CAPTURE', CAPTURES, production ? 'metadata' : 'full');
  if (production && capture === 'full') {
    throw new ConfigError('PROXY_CAPTURE', capture, 'metadata or off, unless PROXY_ENV=dev');
  }
  return capture;
};

const assertExposure = (host: string, keys: readonly ApiKey[], { flag }: Reader): void => {
  const anonymous = flag('PROXY_ALLOW_ANONYMOUS', false);
  if (LOOPBACK.has(host) || keys.length > 0 || anonymous) return;
  throw new ConfigError(
    'HOST',
    host,
    'a loopback address, unless PROXY_API_KEYS is set or PROXY_ALLOW_ANONYMOUS=true',
  );
};

const assertBuilt = ({ given }: Reader): void => {
  for (const name of NOT_BUILT) {
    const value = given(name);
    if (value !== undefined)
      throw new ConfigError(name, '(set)', 'this version does not have that feature yet; unset it');
  }
};

/** Reads and checks the environment. Throws a `ConfigError` for the first value that is wrong. */
export const readConfig = (env: Env): Config => {
  const read = reader(env);
  assertBuilt(read);
  assertOtel(read);
  const production = read.text('PROXY_ENV', 'dev') !== 'dev';
  const apiKeys = readApiKeys(read);
  const host = read.text('HOST', '127.0.0.1');
  assertExposure(host, apiKeys, read);
  const mirror = read.flag('LOG_PROTO', !production);
  const traceRequired = read.flag('PROXY_TRACE_REQUIRED', false);
  if (traceRequired && !mirror)
    throw new ConfigError('PROXY_TRACE_REQUIRED', 'true', 'needs the mirror: set LOG_PROTO=true');
  const appServer = readAppServer(read);
  const backend = readBackendChoice(env, read);
  const keyNames = new Set(apiKeys.map(({ name }) => name));
  // Without a key, and beyond this machine, nobody knows who they are.
  const severalClients = keyNames.size > 1 || (keyNames.size === 0 && !LOOPBACK.has(host));
  const config = {
    host,
    port: read.whole('PORT', 8787, 0, 65_535),
    apiKeys: Object.freeze(apiKeys),
    sites: readSites(read, host, apiKeys.length > 0),
    production,
    byNpm: env['npm_lifecycle_event'] === 'start',
    capture: readCapture(read, production),
    mirror,
    traceRequired,
    ...logPaths(env),
    ...readFileBounds(read),
    redactFile: redactPath(env),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    backend,
    traceTrust: read.oneOf('PROXY_TRACE_TRUST', TRACE_TRUSTS, 'always'),
    ...appServer,
    ...readCodex(read, severalClients),
    echoFaults: readEchoFaults(
      read,
      production,
      backend.kind !== 'http' && Object.values(appServer).every((each) => each === null),
    ),
    strictParameters: read.flag('PROXY_STRICT_PARAMETERS', false),
    timeoutMs: read.whole('PROXY_TIMEOUT_MS', 600_000, 1, 86_400_000),
    limits: readLimits(read, keyNames),
    ...readProcesses(env, read),
    ...readBackendLimits(read),
    childEnv: readChildEnv(env, read, appServer),
    namedEnv: (names: readonly string[]) => namedEnv(env, names),
    otelEnv: Object.freeze(pickEnv(env, (name) => name.startsWith('OTEL_'))),
  };
  // Last, when every setting has been asked for.
  return Object.freeze({ ...config, unknownVariables: Object.freeze(read.unknown('PROXY_')) });
};

/** Where the two logs are: all that the reading commands need to know of the configuration. */
export const logPaths = (env: Env): Pick<Config, 'mirrorPath' | 'usagePath'> => {
  const { text } = reader(env);
  return {
    mirrorPath: resolve(text('PROTO_LOG_PATH', `${DATA_DIRECTORY}/proto.ndjson`)),
    usagePath: resolve(text('TOKEN_LOG_PATH', `${DATA_DIRECTORY}/usage.ndjson`)),
  };
};

/** The file with the operator's redaction rules, which `check` reads, too. */
export const redactPath = (env: Env): string | null => {
  const path = reader(env).given('PROXY_REDACT_FILE');
  return path === undefined ? null : resolve(path);
};

/** The process's own environment. Nothing else reads it. */
export const environment = (): Env => process.env;

/** Adds a file's variables to the process's environment, as `node --env-file` does: what is set already stays. Throws a `ConfigError`. */
export const loadEnvFile = (path: string): void => {
  try {
    process.loadEnvFile(path);
  } catch (cause) {
    throw new ConfigError('--env-file', path, `a file that can be read (${(cause as Error).message})`);
  }
};

/** NodeSDK would start nothing at all, or write to the console; the telemetry does both its own way, from `otelEnv`. */
export const enableSdk = (): void => {
  delete process.env['OTEL_SDK_DISABLED'];
  delete process.env['OTEL_LOG_LEVEL'];
};
