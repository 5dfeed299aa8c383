import type { Config } from '../config/index.ts';
import { type CodexPlace, isCodex } from './codex-place.ts';

/** What the start line says of a Codex behind the gateway: what its turns may do, and what the gateway cannot close. */
export interface CodexNotes {
  readonly codex_tools?: Config['codexTools'];
  readonly codex_workdir?: string;
  readonly codex_open?: readonly string[];
  /** Present where somebody should do something. */
  readonly codex_warning?: string;
}

const IN_SANDBOX =
  'a client’s turns run commands: they read the system’s folders (/usr, /etc) and the working directory, and no bound holds for their CPU and memory';
const OUTSIDE = 'MCP servers of Codex’s configuration run outside of its sandbox';
const HOOKS = 'hooks of Codex’s configuration run for every turn';
const NOT_OURS = 'the environment of an app-server that listens already is not the gateway’s to clean';

const openTo = ({ codexTools, appServerUrl }: Config): string[] => [
  ...(codexTools === 'off' ? [] : [IN_SANDBOX, OUTSIDE]),
  HOOKS,
  ...(appServerUrl === null ? [] : [NOT_OURS]),
];

/** Nothing, where the backend runs nothing by itself. */
export const codexNotes = (config: Config, { near }: CodexPlace): CodexNotes => {
  if (!isCodex(config)) return {};
  return {
    codex_tools: config.codexTools,
    codex_workdir: config.workdir ?? 'a fresh one for each turn',
    codex_open: openTo(config),
    ...(near.length > 0 && {
      codex_warning: `logs or configuration lie in or above PROXY_CODEX_WORKDIR: ${near.join(', ')}`,
    }),
  };
};
