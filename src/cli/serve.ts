import { once } from 'node:events';
import { Command } from 'commander';
import type { Gateway } from '../composition/gateway.ts';
import type { Member } from '../composition/processes/member.ts';
import { ProcessStartError, type StartFailure } from '../composition/processes/start-failure.ts';
import { type Config, ConfigError, environment, loadEnvFile, readConfig } from '../config/index.ts';
import { RoutesError } from '../config/routes/problems.ts';
import { printable } from '../telemetry/printable.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';
import { createProcessEnd } from './process-end.ts';
import { listenForStop, type StopSignalsOptions } from './stop-signals.ts';

const ENVIRONMENT_HELP = `
The environment configures it; README.md has the table. The most used:
  PORT, HOST              where it listens (8787, 127.0.0.1)
  PROXY_PROCESSES         how many processes share the port: a number, or auto (1)
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
const startFailure = (gateway: Gateway, isEnding: () => boolean): Promise<Error | null> => {
  const started = gateway.started.then(
    () => null,
    (thrown: Error) => (isEnding() ? null : thrown),
  );
  return gateway.broken === undefined ? started : Promise.race([started, gateway.broken]);
};

/** What the command line says of the configuration; it comes before the environment, and that before the file. */
interface ServeOptions {
  readonly port?: string;
  readonly host?: string;
  readonly processes?: string;
  readonly envFile?: string;
}

const configure = ({ port, host, processes, envFile }: ServeOptions): Config => {
  if (envFile !== undefined) loadEnvFile(envFile);
  return readConfig({
    ...environment(),
    ...(port !== undefined && { PORT: port }),
    ...(host !== undefined && { HOST: host }),
    ...(processes !== undefined && { PROXY_PROCESSES: processes }),
  });
};

/** What the user reads of a start that failed, and the exit code. */
const failureOf = (thrown: unknown): StartFailure => {
  if (thrown instanceof ProcessStartError) return thrown;
  if (thrown instanceof RoutesError) return { lines: thrown.lines, exitCode: EXIT_WRONG_CALL };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { lines: [message], exitCode: thrown instanceof ConfigError ? EXIT_WRONG_CALL : 1 };
};

/** Starts the gateway in this process, or in several. Loaded here, so that the commands that only read start without it. */
const loadStart = async ({ processes, isMember }: Config) => {
  if (processes > 1 && !isMember) {
    const { startProcesses } = await import('../composition/processes/primary.ts');
    return startProcesses;
  }
  const { startGateway } = await import('../composition/gateway.ts');
  return startGateway;
};

/** Resolves when the gateway is told to stop, or with the reason why it cannot go on. */
const untilEnd = async (signal: AbortSignal, { broken }: Gateway): Promise<Error | null> => {
  if (signal.aborted) return null;
  const stopped = once(signal, 'abort').then(() => null);
  return broken === undefined ? stopped : Promise.race([stopped, broken]);
};

const runGateway = async (version: string, config: Config, member: Member | null): Promise<void> => {
  const isAlone = member === null;
  if (isAlone && !config.production && !config.mirror)
    process.stderr.write(`throughline: ${NO_MIRROR_IN_DEV}\n`);
  const startGateway = await loadStart(config);
  let gateway: Gateway | undefined;
  const end = createProcessEnd(() => gateway?.hasThread?.() ?? false);
  const hasFailed = onFault((thrown) => {
    if (!gateway) process.stderr.write(`throughline: ${thrown instanceof Error ? thrown.stack : thrown}\n`);
    return end(
      1,
      gateway?.crash(thrown).catch(() => undefined),
    );
  });
  const source: StopSignalsOptions['source'] = member?.signals ?? process;
  const readsAgain = config.backend.kind === 'routes';
  if (readsAgain) source.on('SIGHUP', () => void gateway?.reload?.());
  const signal = listenForStop({
    source,
    byNpm: isAlone && config.byNpm,
    hangupStops: !readsAgain,
    now: () => performance.now(),
    onSecond: () => void end(1, gateway?.abandon()),
  });
  gateway = await startGateway(config, version, signal, member).catch(async (thrown: unknown) => {
    if (signal.aborted) await end(0);
    throw thrown;
  });
  const failed =
    (await startFailure(gateway, () => signal.aborted || hasFailed())) ?? (await untilEnd(signal, gateway));
  if (failed) {
    // Whatever else fails then, this is why it ends.
    await gateway.stop().catch(() => undefined);
    throw failed;
  }
  // After a fault in the meantime the process ends when that is written down, and says that it failed.
  await end(0, gateway.stop());
};

const serve = async (version: string, command: Command): Promise<void> => {
  let member: Member | null = null;
  try {
    const config = configure(command.opts<ServeOptions>());
    if (config.isMember) {
      const { joinPrimary } = await import('../composition/processes/member.ts');
      member = await joinPrimary();
    }
    await runGateway(version, config, member);
  } catch (thrown) {
    const failure = failureOf(thrown);
    const { lines, exitCode } = failure;
    const code = 'throughline.serve';
    // The primary tells it, once. What has been started already must not keep this process.
    if (member) return createProcessEnd()(exitCode, member.failed(failure));
    command.error(lines.map((line) => printable(`throughline: ${line}`)).join('\n'), { exitCode, code });
  }
};

/** `throughline serve`: runs the gateway until it is told to stop. */
export const createServeCommand = (version: string): Command =>
  new Command('serve')
    .description('run the gateway')
    .option('--port <port>', 'where it listens, before PORT; 0 takes any free port')
    .option('--host <host>', 'the address that it listens on, before HOST')
    .option(
      '--processes <count>',
      'how many processes share the port, before PROXY_PROCESSES; auto: as many as cores',
    )
    .option('--env-file <file>', 'variables, one NAME=value a line; what the environment sets stays')
    .addHelpText('after', ENVIRONMENT_HELP)
    .exitOverride(throwExitCode)
    .action((_options: unknown, command: Command) => serve(version, command));
