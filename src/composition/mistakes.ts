import type { Config } from '../config/index.ts';
import type { Routes } from '../gateway/routes.ts';
import type { Log } from '../telemetry/log.ts';
import type { RuntimeDeps } from './app-server-runtime.ts';
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

/** Warns of what several processes find alike: one of them tells. */
export const warnOnce = (
  { member, log, redaction }: Pick<RuntimeDeps, 'member' | 'log' | 'redaction'>,
  fields: Readonly<Record<string, unknown>>,
  message: string,
): void => {
  if (!member) return log.logger.warn(fields, message);
  // Here, since this process alone knows the secrets of its backends.
  const { sanitizeJson, sanitizeText } = redaction.policy.sanitizer;
  member.warn(sanitizeJson(fields) as typeof fields, sanitizeText(message));
};

/** Warns of settings that have no effect, since the routes have no app-server. */
export const warnOfUnusedSettings = (
  settings: readonly string[],
  { backends }: Routes,
  warn: (fields: Readonly<Record<string, unknown>>, message: string) => void,
): void => {
  if (backends.some(({ kind }) => kind === 'app-server')) return;
  for (const name of settings)
    warn({ variable: name }, `${name} has no effect: the routes file has no backend of kind app-server`);
};
