import { CommanderError } from 'commander';

/** What the commands end with, besides 0 for done or found. */
export const EXIT_NOT_FOUND = 1;
export const EXIT_WRONG_CALL = 2;

/** Commander ends a wrong call with 1, which here means that nothing was found. */
export const throwExitCode = (error: CommanderError): never => {
  const isWrongCall = error.exitCode !== 0 && error.code.startsWith('commander.');
  throw isWrongCall ? new CommanderError(EXIT_WRONG_CALL, error.code, error.message) : error;
};
