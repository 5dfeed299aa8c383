import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CatalogOptions, withDirectTools } from '../model-catalog.ts';

/** A file with the model catalogue of the Codex that is the backend, for `thread/start`. */
export interface CatalogFile {
  /** Resolves with the file's path once it is written, or with null where Codex does not tell its catalogue. Never rejects. */
  path(): Promise<string | null>;
  /** Removes the file. Twice is harmless. */
  close(): Promise<void>;
}

export interface CatalogFileOptions extends CatalogOptions {
  /** The command of the app-server. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Is told why there is no catalogue. */
  onFailure(reason: string): void;
}

/** How long one run may take: it may look for a newer catalogue over the network. */
const RUN_MS = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** The second one asks nobody. */
const RUNS = [
  ['debug', 'models'],
  ['debug', 'models', '--bundled'],
] as const;

const SUBCOMMAND = 'app-server';
const WITH_VALUE = new Set(['-c', '--config', '--enable', '--disable']);

/** Settings among the app-server's arguments, which decide the catalogue too. */
const settingsIn = (args: readonly string[]): string[] =>
  args.flatMap((arg, index) => {
    const value = args[index + 1];
    return WITH_VALUE.has(arg) && value !== undefined ? [arg, value] : [];
  });

/** How to run Codex as this command does, but for its subcommand; null for a command that runs something else. */
const codexOf = (command: readonly string[]): readonly string[] | null => {
  const at = command.indexOf(SUBCOMMAND);
  return at < 1 ? null : [...command.slice(0, at), ...settingsIn(command.slice(at + 1))];
};

const run = promisify(execFile);

/** Runs Codex until it has told its catalogue; rejects with why the last run failed. */
const readCatalog = async (
  [program = '', ...settings]: readonly string[],
  { env, cwd }: CatalogFileOptions,
  signal: AbortSignal,
): Promise<string> => {
  let failure: unknown;
  for (const args of RUNS) {
    try {
      const { stdout } = await run(program, [...settings, ...args], {
        env,
        cwd,
        signal,
        timeout: RUN_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_BYTES,
      });
      return stdout;
    } catch (thrown) {
      failure = thrown;
      if (signal.aborted) break;
    }
  }
  throw failure;
};

/** The message of a failed run holds the whole command, which may hold a secret. */
const describeFailure = (thrown: unknown): string => {
  const { code, killed, message } = thrown as { code?: unknown; killed?: unknown; message?: unknown };
  if (killed === true) return `\`codex debug models\` took longer than ${RUN_MS} ms`;
  return code === undefined ? String(message) : `\`codex debug models\` failed with ${String(code)}`;
};

/** For a backend that is no Codex of ours to run. */
export const NO_CATALOG: CatalogFile = { path: async () => null, close: async () => undefined };

/** Reads the catalogue once, at once; turns with tools wait for it. */
export const createCatalogFile = (options: CatalogFileOptions): CatalogFile => {
  const codex = codexOf(options.command);
  if (!codex) return NO_CATALOG;
  const closing = new AbortController();
  let folder: string | null = null;

  const write = async (): Promise<string> => {
    const catalog = withDirectTools(await readCatalog(codex, options, closing.signal), options);
    folder = await mkdtemp(join(tmpdir(), 'throughline-models-'));
    const path = join(folder, 'models.json');
    await writeFile(path, catalog, { mode: 0o600 });
    return path;
  };

  const written = write().catch((thrown: unknown) => {
    if (!closing.signal.aborted) options.onFailure(describeFailure(thrown));
    return null;
  });

  return {
    path: () => written,
    async close() {
      closing.abort();
      await written;
      if (folder !== null) await rm(folder, { recursive: true, force: true });
    },
  };
};
