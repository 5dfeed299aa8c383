import { resolve } from 'node:path';
import type { AppServerSettings } from './app-server.ts';
import { ConfigError, type Env, type Reader } from './reader.ts';

/**
 * What every app-server process gets: what a program needs to run, to reach the network and to be traced. All else stays with
 * the gateway, whose environment holds keys that are nobody else's business.
 */
const ADMITTED: readonly RegExp[] = [
  /^(?:PATH|HOME|TZ|LANG|LANGUAGE|LC_[A-Z]+)$/,
  /^(?:(?:HTTP|HTTPS|ALL|NO)_PROXY|NODE_USE_ENV_PROXY)$/i,
  /^(?:SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|CODEX_CA_CERTIFICATE)$/,
  /^(?:NODE_DISABLE_COMPILE_CACHE|TRACEPARENT|TRACESTATE)$/,
  // Not our identity, and not the credentials of our collector.
  /^OTEL_(?!SERVICE_NAME$|RESOURCE_ATTRIBUTES$|.*_HEADERS$)/,
];

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const OURS = /^PROXY_/;

/** The variables that pass, without those that are not set. */
export const pickEnv = (env: Env, passes: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined && passes(pair[0])),
  );

/** The values of the variables that somebody has named for the app-server. Our own settings never are among them. */
export const namedEnv = (env: Env, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.freeze(pickEnv(env, (name) => names.includes(name) && !OURS.test(name)));

const readNames = ({ given }: Reader): string[] => {
  const names = (given('PROXY_APP_SERVER_ENV') ?? '').split(',').flatMap((name) => name.trim() || []);
  const wrong = names.find((name) => !NAME.test(name) || OURS.test(name));
  if (wrong === undefined) return names;
  throw new ConfigError('PROXY_APP_SERVER_ENV', wrong, 'a comma list of names of variables, none PROXY_*');
};

/** Codex runs in another folder than the gateway, so its own folder is told as a whole path. */
const codexEnv = (env: Env, { given }: Reader): Record<string, string> => {
  const home = given('CODEX_HOME');
  return { ...namedEnv(env, ['OPENAI_API_KEY']), ...(home && { CODEX_HOME: resolve(home) }) };
};

/** Reads what the app-server process gets of the environment: never a variable that nobody has named for it. */
export const readChildEnv = (
  env: Env,
  read: Reader,
  { appServerCommand }: Pick<AppServerSettings, 'appServerCommand'>,
): Readonly<Record<string, string>> => {
  const names = readNames(read);
  return Object.freeze({
    ...pickEnv(env, (name) => ADMITTED.some((pattern) => pattern.test(name)) || names.includes(name)),
    ...(appServerCommand && codexEnv(env, read)),
  });
};
