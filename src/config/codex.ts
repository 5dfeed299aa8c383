import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Reader } from './reader.ts';

const TOOLS = ['off', 'read-only'] as const;

/** What a client's turns may do with Codex's own tools. */
export type CodexTools = (typeof TOOLS)[number];

/** What is known of the Codex behind the gateway; of no use to the embedded app-server. */
export interface CodexSettings {
  /** Whether `CODEX_BIN` alone names it, so that the gateway composes its command. */
  readonly codexBin: boolean;
  /** The folder of its configuration and its login. */
  readonly codexHome: string;
  /** The `config.toml` files that it reads where the gateway starts it, the user's and the machine's. */
  readonly codexConfigs: readonly string[];
  readonly codexTools: CodexTools;
  /** Where all turns work; null: in a fresh folder each. */
  readonly workdir: string | null;
}

/**
 * Reads what concerns Codex.
 *
 * @param severalClients - whether people who do not know each other may be served: then nobody gets a shell unless it is asked for
 */
export const readCodex = ({ given, text, oneOf }: Reader, severalClients: boolean): CodexSettings => {
  const codexHome = resolve(given('CODEX_HOME') ?? join(text('HOME', homedir()), '.codex'));
  const workdir = given('PROXY_CODEX_WORKDIR');
  return {
    codexBin: Boolean(given('CODEX_BIN') && !given('PROXY_APP_SERVER_CMD')),
    codexHome,
    codexConfigs: Object.freeze([join(codexHome, 'config.toml'), '/etc/codex/config.toml']),
    codexTools: oneOf('PROXY_CODEX_TOOLS', TOOLS, severalClients ? 'off' : 'read-only'),
    workdir: workdir === undefined ? null : resolve(workdir),
  };
};
