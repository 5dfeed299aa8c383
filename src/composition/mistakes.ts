import type { Config } from '../config/index.ts';
import type { Routes } from '../gateway/routes.ts';
import type { Log } from '../telemetry/log.ts';
import type { SharedFile } from './writers.ts';

/** Says what the operator may not have meant: misspelt settings, and files that another gateway writes as well. */
export const warnOfMistakes = (
  { unknownVariables }: Config,
  shared: readonly SharedFile[],
  { logger }: Log,
): void => {
  for (const { name, meant } of unknownVariables)
    logger.warn({ variable: name, meant }, `${name} is no setting${meant ? `; did you mean ${meant}?` : ''}`);
  for (const { path, pids } of shared)
    logger.warn(
      { path, pids },
      `${path} is written by another gateway as well, process ${pids.join(', ')}: give each its own folder or PROTO_LOG_PATH and TOKEN_LOG_PATH`,
    );
};

/** Warns of settings that have no effect, since the routes have no app-server. */
export const warnOfUnusedSettings = (
  settings: readonly string[],
  { backends }: Routes,
  { logger }: Pick<Log, 'logger'>,
): void => {
  if (backends.some(({ kind }) => kind === 'app-server')) return;
  for (const name of settings)
    logger.warn(
      { variable: name },
      `${name} has no effect: the routes file has no backend of kind app-server`,
    );
};
