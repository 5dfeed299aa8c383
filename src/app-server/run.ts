import { createDiagnostics, type Diagnostics } from './diagnostics.ts';
import { readEnvironment } from './environment.ts';
import { VERSION } from './handlers/initialize.ts';
import { createEchoModel } from './model/echo/index.ts';
import { createModels } from './model/models.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { createServer, type Server } from './server.ts';
import { createAppServerTelemetry } from './telemetry/index.ts';
import { createLineOutput, serveStdio } from './transport/stdio.ts';

/** The last spans get this long to leave; the gateway may be gone already. */
const FLUSH_MS = 2_000;
/** A turn that does not end within this is left behind. */
const STOP_MS = 1_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());

const terminated = (heedInterrupts: boolean): Promise<void> =>
  new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.on('SIGINT', () => heedInterrupts && resolve());
  });

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';

/** Resolves when the server has nobody left to serve, or is told to end; rejects when it cannot begin. */
const serve = async (server: Server, { listen }: Options, diagnostics: Diagnostics): Promise<void> => {
  switch (listen.type) {
    case 'stdio': {
      // Ctrl-C reaches the whole group, and the gateway still has answers to finish: it closes our stdin when it is done.
      const told = terminated(process.stdin.isTTY);
      const output = createLineOutput(process.stdout);
      process.once('exit', output.flush);
      const served = serveStdio(server, process.stdin, output);
      return Promise.race([served.catch(() => undefined), told]);
    }
    case 'websocket': {
      // What only some starts need is loaded by them alone: the time to the first reply counts.
      const told = terminated(true);
      const { listenWebSocket } = await import('./transport/websocket.ts');
      const listener = await listenWebSocket(server, { ...listen, diagnostics });
      diagnostics.info('listening', { url: listener.url });
      await told;
      await Promise.race([server.stop(), sleep(STOP_MS)]);
      return listener.close();
    }
  }
};

/** What nobody has foreseen: said without its message, which may repeat what a client wrote. */
const reportCrash = (diagnostics: Diagnostics) => (cause: unknown) => {
  const { name, stack = '' } = cause instanceof Error ? cause : new Error();
  const at = stack.split('\n').find((line) => line.startsWith('    at '));
  diagnostics.error('crashed', { error: name, at: at?.trim() });
  process.exit(1);
};

/** Resolves with the exit code. */
const run = async (options: Options): Promise<number> => {
  const diagnostics = createDiagnostics((line) => process.stderr.write(line));
  process.on('uncaughtException', reportCrash(diagnostics));
  const environment = readEnvironment();
  const telemetry = await createAppServerTelemetry(environment, diagnostics);
  try {
    const { wordDelayMs, faults } = options;
    const models = createModels(createEchoModel({ wordDelayMs, faults, exit: process.exit }));
    const server = createServer({ telemetry, models, diagnostics });
    await serve(server, options, diagnostics);
    await Promise.race([server.stop(), sleep(STOP_MS)]);
    return 0;
  } catch (cause) {
    diagnostics.error('cannot begin', { code: codeOf(cause) });
    return 1;
  } finally {
    await telemetry.shutdown(FLUSH_MS);
  }
};

const say = (stream: NodeJS.WriteStream, text: string, exitCode: number): void => {
  process.exitCode = exitCode;
  stream.write(text);
};

/** The composition root: reads the flags in `process.argv`, wires everything, serves, and ends the process. */
export const main = async (): Promise<void> => {
  const read = readOptions(process.argv.slice(2));
  switch (read.type) {
    case 'help':
      return say(process.stdout, HELP, 0);
    case 'version':
      return say(process.stdout, `${VERSION}\n`, 0);
    case 'wrong':
      return say(process.stderr, `${read.problem}\nTry --help.\n`, 2);
    case 'run':
      process.exit(await run(read.options));
  }
};
