import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The Codex that `tests/codex` pins. */
export const CODEX_BIN = join(PROJECT_ROOT, 'tests', 'codex', 'node_modules', '.bin', 'codex');

export type CodexHomeOptions = {
  /** The model server's `url`, without `/v1`. */
  modelUrl: string;
  /** The OTLP receiver's `url`, without `/v1/traces`. Without it Codex exports nothing, and its model calls carry no trace. */
  otlpUrl?: string;
  /** How often Codex tries a failed model call again; its own default makes a failing turn last half a minute. */
  retries?: number;
  /** More TOML, after the top-level keys and before the tables. */
  extraConfig?: string;
  /** More TOML, for the table of the model's provider. */
  providerConfig?: string;
  /** Files that are there before Codex starts, by their paths in its folder. */
  files?: Readonly<Record<string, string>>;
};

export type CodexHome = {
  path: string;
  /** An empty folder to be the thread's `cwd` (`PROXY_CODEX_WORKDIR`). */
  workdir: string;
  /** To be put over `process.env` of whoever starts the app-server: it inherits them. */
  env: Record<string, string>;
  /** For `PROXY_APP_SERVER_CMD`. */
  command: string;
  /** The same, as a program and its arguments. */
  argv: [string, ...string[]];
  remove(): Promise<void>;
};

export const CODEX_MODEL = 'mock-model';

/** A `CODEX_HOME` for the real Codex whose model is a server of ours: no account, no network, nothing of the user's own Codex. */
export async function createCodexHome(options: CodexHomeOptions): Promise<CodexHome> {
  // Codex warns about a home in the system's temp folder, so it is in the project's, which git ignores.
  const base = join(PROJECT_ROOT, '.throughline-test');
  await mkdir(base, { recursive: true });
  const path = await mkdtemp(join(base, 'codex-'));
  const workdir = join(path, 'work');
  await mkdir(workdir);
  for (const [name, content] of Object.entries({ ...options.files, 'config.toml': configToml(options) })) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }

  return {
    path,
    workdir,
    env: {
      CODEX_HOME: path,
      // Codex's own batch delay is several seconds; a test wants its spans at once.
      OTEL_BSP_SCHEDULE_DELAY: '200',
      NO_PROXY: '127.0.0.1,localhost',
      // Bash takes a socket as its input for a login from afar, and would run the user's own start file before each command.
      HOME: path,
      // `codex` is a `#!/usr/bin/env node` script, and only a Node with `process.execve` lets it replace itself with the program.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    },
    command: `${CODEX_BIN} app-server`,
    argv: [CODEX_BIN, 'app-server'],
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  };
}

function configToml(options: CodexHomeOptions): string {
  const { modelUrl, otlpUrl, retries = 0, extraConfig = '', providerConfig = '' } = options;
  const provider = `base_url = "${modelUrl}/v1"
wire_api = "responses"
request_max_retries = ${retries}
stream_max_retries = ${retries}
${providerConfig}`;
  const exporter = `{ otlp-http = { endpoint = "${otlpUrl}/v1/traces", protocol = "json" } }`;
  // `plugins` would ask github.com and chatgpt.com at the start; `shell_snapshot` runs a login shell for every thread, which
  // slows turn after turn down; a login shell puts the machine's profile noise into a command's output.
  return `model = "${CODEX_MODEL}"
model_provider = "mock"
check_for_update_on_startup = false
allow_login_shell = false
${extraConfig}
[analytics]
enabled = false

[features]
plugins = false
shell_snapshot = false

[model_providers.mock]
name = "mock"
${provider}
${otlpUrl === undefined ? '' : `\n[otel]\ntrace_exporter = ${exporter}\n`}`;
}
