import { resolve } from 'node:path';
import type { ApiKey } from './http/auth.ts';
import { CAPTURES, type Capture, LOG_LEVELS, type LogLevel, SAMPLERS } from './telemetry/settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Everything that the environment decides, checked and frozen. Times are in milliseconds. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly apiKeys: readonly ApiKey[];
  readonly production: boolean;
  readonly capture: Capture;
  readonly mirror: boolean;
  readonly traceRequired: boolean;
  readonly mirrorPath: string;
  readonly usagePath: string;
  readonly logLevel: LogLevel;
  /** Null: the embedded app-server. */
  readonly appServerCommand: readonly string[] | null;
  readonly workdir: string;
  readonly timeoutMs: number;
  /** What the app-server process inherits. */
  readonly childEnv: Readonly<Record<string, string>>;
  readonly otelEnv: Readonly<Record<string, string>>;
}

/** A variable that is wrong: the message names it, its value and what is allowed. */
export class ConfigError extends Error {
  constructor(name: string, value: string, allowed: string) {
    super(`${name}=${value} is not valid: ${allowed}`);
    this.name = 'ConfigError';
  }
}

/** Settings of the contract whose features are not built yet: refused, rather than accepted and ignored. */
const NOT_BUILT = [
  'PROXY_APP_SERVER_URL',
  'PROXY_UPSTREAM_URL',
  'PROXY_UPSTREAM_API_KEY',
  'PROXY_SSE_MAX_CONCURRENCY',
  'PROXY_WORKERS',
  'PROXY_METRICS_TOKEN',
];

const DATA_DIRECTORY = '.throughline';
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const reader = (env: Env) => {
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;
  const text = (name: string, fallback: string): string => given(name) ?? fallback;
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = given(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) {
      throw new ConfigError(name, value, `a whole number from ${min} to ${max}`);
    }
    return number;
  };
  const oneOf = <Word extends string>(name: string, words: readonly Word[], fallback: Word): Word => {
    const value = given(name);
    if (value === undefined) return fallback;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new ConfigError(name, value, `one of ${words.join(', ')}`);
    return word;
  };
  const flag = (name: string, fallback: boolean): boolean => {
    const value = given(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(value)) return true;
    if (['false', '0', 'no', 'off'].includes(value)) return false;
    throw new ConfigError(name, value, 'true or false');
  };
  return { given, text, whole, oneOf, flag };
};
type Reader = ReturnType<typeof reader>;

const readApiKeys = ({ given }: Reader): ApiKey[] =>
  (given('PROXY_API_KEYS') ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry, index) => {
      const [name, key] = entry.includes(':') ? entry.split(/:(.*)/s, 2) : [`key${index + 1}`, entry];
      if (!name || !key)
        throw new ConfigError('PROXY_API_KEYS', '(not shown)', 'a comma list of name:key or key');
      return { name, key };
    });

/** Quotes group words, as in a shell; nothing else is special. */
const splitCommand = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

const readCommand = ({ given }: Reader): string[] | null => {
  const command = given('PROXY_APP_SERVER_CMD');
  if (command) return splitCommand(command);
  const codex = given('CODEX_BIN');
  return codex ? [codex, 'app-server'] : null;
};

const readCapture = ({ oneOf }: Reader, production: boolean): Capture => {
  const capture = oneOf('PROXY_CAPTURE', CAPTURES, production ? 'metadata' : 'full');
  if (production && capture === 'full') {
    throw new ConfigError('PROXY_CAPTURE', capture, 'metadata or off, unless PROXY_ENV=dev');
  }
  return capture;
};

const assertExposure = (host: string, keys: readonly ApiKey[], { flag }: Reader): void => {
  if (LOOPBACK.has(host) || keys.length > 0 || flag('PROXY_ALLOW_ANONYMOUS', false)) return;
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
  const backend = given('PROXY_BACKEND') ?? 'app-server';
  if (backend !== 'app-server')
    throw new ConfigError('PROXY_BACKEND', backend, 'app-server is the only one so far');
};

const assertOtel = ({ oneOf, given, whole }: Reader): void => {
  const protocols = ['http/json', 'http/protobuf'] as const;
  oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', protocols, 'http/json');
  oneOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', protocols, 'http/json');
  oneOf('OTEL_TRACES_SAMPLER', SAMPLERS, 'parentbased_always_on');
  const ratio = Number(given('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  if (!(ratio >= 0 && ratio <= 1))
    throw new ConfigError(
      'OTEL_TRACES_SAMPLER_ARG',
      String(given('OTEL_TRACES_SAMPLER_ARG')),
      'a number from 0 to 1',
    );
  const batch = ['MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE', 'SCHEDULE_DELAY', 'EXPORT_TIMEOUT'];
  for (const name of batch) whole(`OTEL_BSP_${name}`, 1, 0, Number.MAX_SAFE_INTEGER);
  whole('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, 0, Number.MAX_SAFE_INTEGER);
};

const entries = (env: Env, keep: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && keep(pair[0])),
  );

/** The gateway's own settings, its identity and its collector's credentials are not the app-server's business. */
const isInherited = (name: string): boolean =>
  !name.startsWith('PROXY_') &&
  !/^OTEL_.*_HEADERS$/.test(name) &&
  name !== 'OTEL_SERVICE_NAME' &&
  name !== 'OTEL_RESOURCE_ATTRIBUTES';

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
  return Object.freeze({
    host,
    port: read.whole('PORT', 8787, 0, 65_535),
    apiKeys,
    production,
    capture: readCapture(read, production),
    mirror,
    traceRequired,
    ...logPaths(env),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    appServerCommand: readCommand(read),
    workdir: resolve(read.text('PROXY_CODEX_WORKDIR', `${DATA_DIRECTORY}/workdir`)),
    timeoutMs: read.whole('PROXY_TIMEOUT_MS', 600_000, 1, 86_400_000),
    childEnv: Object.freeze(entries(env, isInherited)),
    otelEnv: Object.freeze(entries(env, (name) => name.startsWith('OTEL_'))),
  });
};

/** Where the two logs are: all that the reading commands need to know of the configuration. */
export const logPaths = (env: Env): Pick<Config, 'mirrorPath' | 'usagePath'> => {
  const { text } = reader(env);
  return {
    mirrorPath: resolve(text('PROTO_LOG_PATH', `${DATA_DIRECTORY}/proto.ndjson`)),
    usagePath: resolve(text('TOKEN_LOG_PATH', `${DATA_DIRECTORY}/usage.ndjson`)),
  };
};

/** The process's own environment. Nothing else reads it. */
export const environment = (): Env => process.env;

/** NodeSDK starts nothing at all when this is set; the mirror is to go on, so the telemetry takes it out. */
export const enableSdk = (): void => {
  delete process.env['OTEL_SDK_DISABLED'];
};
