import { resolve } from 'node:path';
import { ConfigError, type Reader, readUrl } from './reader.ts';

/** Which app-server is used; both are null for the embedded one. */
export interface AppServerSettings {
  readonly appServerCommand: readonly string[] | null;
  /** The URL of an app-server that already runs, instead of a child process. */
  readonly appServerUrl: string | null;
}

/** Quotes group words, as in a shell; nothing else is special. */
const splitCommand = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

/** Makes a path absolute, since the process runs in another folder than the gateway. */
const wholePath = ([program = '', ...args]: readonly string[]): string[] => [
  program.includes('/') ? resolve(program) : program,
  ...args,
];

const readCommand = ({ given }: Reader): string[] | null => {
  const command = given('PROXY_APP_SERVER_CMD');
  if (command) return wholePath(splitCommand(command));
  const codex = given('CODEX_BIN');
  return codex ? wholePath([codex, 'app-server']) : null;
};

/** Reads which app-server is used. Throws a `ConfigError` if two are named. */
export const readAppServer = (read: Reader): AppServerSettings => {
  const appServerCommand = readCommand(read);
  const appServerUrl = readUrl(read, 'PROXY_APP_SERVER_URL', ['ws:', 'wss:']);
  if (appServerUrl && appServerCommand) {
    throw new ConfigError(
      'PROXY_APP_SERVER_URL',
      appServerUrl,
      'unset where PROXY_APP_SERVER_CMD or CODEX_BIN is set',
    );
  }
  return { appServerCommand: Object.freeze(appServerCommand), appServerUrl };
};
