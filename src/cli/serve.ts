import { Command } from 'commander';
import { ConfigError, environment, readConfig } from '../config.ts';
import type { Gateway } from '../main.ts';
import { EXIT_WRONG_CALL, throwExitCode } from './exit-codes.ts';

const ENVIRONMENT_HELP = `
The environment configures it; README.md has the table. The most used:
  PORT, HOST              where it listens (8787, 127.0.0.1)
  PROXY_API_KEYS          comma list of name:key or key; none means no key is asked for
  PROXY_APP_SERVER_CMD    the backend's command (default: the embedded app-server)
  CODEX_BIN               the real Codex: "$CODEX_BIN app-server" is the backend
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are exported to (default: nowhere)`;

/** The first signal stops in order, the second at once. */
const stopOnSignals = (gateway: Gateway): void => {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
};

const serve = async (version: string, command: Command): Promise<void> => {
  try {
    const config = readConfig(environment());
    // Loaded here, so that the commands that only read start without the gateway.
    const { startGateway } = await import('../main.ts');
    stopOnSignals(await startGateway(config, version));
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const exitCode = thrown instanceof ConfigError ? EXIT_WRONG_CALL : 1;
    command.error(`throughline: ${message}`, { exitCode, code: 'throughline.serve' });
  }
};

/** `throughline serve`: runs the gateway until it is told to stop. */
export const createServeCommand = (version: string): Command =>
  new Command('serve')
    .description('run the gateway')
    .addHelpText('after', ENVIRONMENT_HELP)
    .exitOverride(throwExitCode)
    .action((_options: unknown, command: Command) => serve(version, command));
