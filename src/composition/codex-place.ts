import { mkdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TurnPlace } from '../backend/app-server/app-server-backend.ts';
import { type HiddenPath, isWithin } from '../backend/app-server/codex/filesystem.ts';
import { createFreshFolders, type Folders, oneFolder } from '../backend/app-server/codex/folders.ts';
import type { Config } from '../config/index.ts';
import { refusedPathOf } from '../telemetry/mirror/refused-path.ts';

const OWN_FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/** Whether a program runs the turns that can run commands. */
export const isCodex = ({ appServerCommand, appServerUrl }: Config): boolean =>
  appServerCommand !== null || appServerUrl !== null;

/** A link would be another path for the same files. What is not there yet has no links. */
const withoutLinks = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

/** A log is one file and those that it was rotated to. */
const logFiles = async (file: string): Promise<HiddenPath> => {
  const path = await withoutLinks(dirname(file));
  return { path, files: join(path, `${basename(file)}*`) };
};

/** Not the whole folder: a Codex that was installed beside us would be hidden with it, and no command would run. */
const ownFiles = async (): Promise<HiddenPath[]> => {
  const [own, start] = await Promise.all([OWN_FOLDER, process.cwd()].map(withoutLinks));
  return [`${own}/src`, `${own}/bin`, `${own}/.env*`, `${start}/.env*`].map((path) => ({ path }));
};

/** What no client may read by way of a turn: logs, Codex's configuration and login, and our own files. */
const hiddenPaths = async ({ mirrorPath, usagePath, codexHome }: Config): Promise<HiddenPath[]> => [
  ...(await Promise.all([mirrorPath, refusedPathOf(mirrorPath), usagePath].map(logFiles))),
  { path: await withoutLinks(codexHome) },
  ...(await ownFiles()),
];

const openFolders = async (config: Config): Promise<Folders> => {
  if (config.workdir !== null) {
    await mkdir(config.workdir, { recursive: true, mode: 0o700 });
    return oneFolder(await withoutLinks(config.workdir));
  }
  return isCodex(config) ? createFreshFolders(await withoutLinks(tmpdir())) : oneFolder(process.cwd());
};

/** Where turns work, what they may do there, and what in its surroundings they had better not read. */
export interface CodexPlace extends TurnPlace {
  /** Folders of logs or configuration in or above the operator's working directory. */
  readonly near: readonly string[];
}

/** Decides where turns work. Rejects when there is no folder for them. */
export const createCodexPlace = async (config: Config): Promise<CodexPlace> => {
  const folders = await openFolders(config);
  if (!isCodex(config)) return { folders, rules: null, near: [] };
  const hidden = await hiddenPaths(config);
  const rules = { tools: config.codexTools, hidden };
  if (config.workdir === null) return { folders, rules, near: [] };
  const { path: workdir } = await folders.open();
  const near = hidden.filter(({ path }) => isWithin(path, workdir) || isWithin(workdir, path));
  return { folders, rules, near: [...new Set(near.map(({ path }) => path))] };
};
