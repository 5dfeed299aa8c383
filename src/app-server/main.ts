import { createDiagnostics } from './diagnostics.ts';
import { readEnvironment } from './environment.ts';
import { VERSION } from './handlers/initialize.ts';
import { createEchoModel } from './model/echo/index.ts';
import { createModels } from './model/models.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { createServer } from './server.ts';
import { createTelemetry } from './telemetry/index.ts';
import { createLineOutput, serveStdio } from './transport/stdio.ts';

/** The last spans get this long to leave; the gateway may be gone already. */
const FLUSH_MS = 2_000;
/** A turn that does not end within this is left behind. */
const STOP_MS = 1_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

const terminated = (): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    // Ctrl-C reaches the whole group, and the gateway still has answers to finish: it closes our stdin when it is done.
    process.on('SIGINT', () => process.stdin.isTTY && resolve());
  });

const run = async ({ wordDelayMs }: Options): Promise<void> => {
  const diagnostics = createDiagnostics((line) => process.stderr.write(line));
  const telemetry = createTelemetry(readEnvironment(), diagnostics);
  const models = createModels(createEchoModel({ wordDelayMs, exit: process.exit }));
  const server = createServer({ telemetry, models, diagnostics });
  const served = serveStdio(server, process.stdin, createLineOutput(process.stdout)).catch(() => undefined);
  await Promise.race([served, terminated()]);
  await Promise.race([server.stop(), sleep(STOP_MS)]);
  await telemetry.shutdown(FLUSH_MS);
};

const say = (stream: NodeJS.WriteStream, text: string, exitCode: number): void => {
  process.exitCode = exitCode;
  stream.write(text);
};

const main = async (): Promise<void> => {
  const read = readOptions(process.argv.slice(2));
  switch (read.type) {
    case 'help':
      return say(process.stdout, HELP, 0);
    case 'version':
      return say(process.stdout, `${VERSION}\n`, 0);
    case 'wrong':
      return say(process.stderr, `${read.problem}\nTry --help.\n`, 2);
    case 'run':
      await run(read.options);
      process.exit(0);
  }
};

await main();
