import { once } from 'node:events';
import { Command } from 'commander';
import type { Gateway } from '../composition/gateway.ts';
import { type Config, ConfigError, environment, loadEnvFile, readConfig } from '../config/index.ts';
import { RoutesError } from '../config/routes/problems.ts';
import { printable } from '../telemetry/printable.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createProcessEnd } from './process-end.ts';
import { listenForStop } from './stop-signals.ts';

const ENVIRONMENT_HELP = `
The environment configures it; README.md has the table. The most used:
  PORT, HOST              where it listens (8787, 127.0.0.1)
  PROXY_API_KEYS          comma list of name:key or key; none means no key is asked for
  PROXY_APP_SERVER_CMD    the backend's command (default: the embedded app-server)
  PROXY_UPSTREAM_URL      an OpenAI-compatible server is the backend
  PROXY_ROUTES            a file that names several backends, and which models they get (docs/routes.md)
  CODEX_BIN               the real Codex: "$CODEX_BIN app-server" is the backend
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are exported to (default: nowhere)`;

/** On stderr, where nothing else stands: it is easily lost among the lines of the log. */
const NO_MIRROR_IN_DEV =
  'LOG_PROTO=false while PROXY_ENV is dev: there is no mirror, so `throughline trace` finds no request';

/**
 * An error that nobody caught leaves the process in a state that nobody knows: what it knows is written down, then it ends.
 * Node turns rejections that nobody handles into such errors.
 */
const onFault = (end: (thrown: unknown) => Promise<void>): (() => boolean) => {
  let failed = false;
  process.on('uncaughtException', (thrown: unknown) => {
    if (failed) return;
    failed = true;
    void end(thrown);
  });
  return () => failed;
};

/** Why the backend can never be had; null once it is there, and where the gateway ends anyway. */
const startFailure = (gateway: Gateway, isEnding: () => boolean): Promise<Error | null> =>
  gateway.started.then(
    () => null,
    (thrown: Error) => (isEnding() ? null : thrown),
  );

/** What the command line says of the configuration; it comes before the environment, and that before the file. */
interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly envFile?: string;
}

const configure = ({ port, host, envFile }: ServeOptions): Config => {
  if (envFile !== undefined) loadEnvFile(envFile);
  return readConfig({
    ...environment(),
    ...(port !== undefined && { PORT: port }),
    ...(host !== undefined && { HOST: host }),
  });
};

const runGateway = async (version: string, options: ServeOptions): Promise<void> => {
  const config = configure(options);
  if (!config.production && !config.mirror) process.stderr.write(`throughline: ${NO_MIRROR_IN_DEV}\n`);
  // Loaded here, so that the commands that only read start without the gateway.
  const { startGateway } = await import('../composition/gateway.ts');
  let gateway: Gateway | undefined;
  const end = createProcessEnd();
  const hasFailed = onFault((thrown) => {
    if (!gateway) process.stderr.write(`throughline: ${thrown instanceof Error ? thrown.stack : thrown}\n`);
    return end(
      1,
      gateway?.crash(thrown).catch(() => undefined),
    );
  });
  const readsAgain = config.backend.kind === 'routes';
  if (readsAgain) process.on('SIGHUP', () => void gateway?.reload?.());
  const signal = listenForStop({
    source: process,
    byNpm: config.byNpm,
    hangupStops: !readsAgain,
    now: () => performance.now(),
    onSecond: () => void end(1, gateway?.abandon()),
  });
  gateway = await startGateway(config, version, signal).catch(async (thrown: unknown) => {
    if (signal.aborted) await end(0);
    throw thrown;
  });
  const failed = await startFailure(gateway, () => signal.aborted || hasFailed());
  if (failed) {
    await gateway.stop();
    throw failed;
  }
  if (!signal.aborted) await once(signal, 'abort');
  // After a fault in the meantime the process ends when that is written down, and says that it failed.
  await end(0, gateway.stop());
};

const serve = async (version: string, command: Command): Promise<void> => {
  try {
    await runGateway(version, command.opts<ServeOptions>());
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const exitCode = thrown instanceof ConfigError || thrown instanceof RoutesError ? EXIT_WRONG_CALL : 1;
    const lines = thrown instanceof RoutesError ? thrown.lines : [message];
    const text = lines.map((line) => printable(`throughline: ${line}`)).join('\n');
    command.error(text, { exitCode, code: 'throughline.serve' });
  }
};

/** `throughline serve`: runs the gateway until it is told to stop. */
export const createServeCommand = (version: string): Command =>
  new Command('serve')
    .description('run the gateway')
    .option('--port <port>', 'where it listens, before PORT; 0 takes any free port')
    .option('--host <host>', 'the address that it listens on, before HOST')
    .option('--env-file <file>', 'variables, one NAME=value a line; what the environment sets stays')
    .addHelpText('after', ENVIRONMENT_HELP)
    .exitOverride(throwExitCode)
    .action((_options: unknown, command: Command) => serve(version, command));
