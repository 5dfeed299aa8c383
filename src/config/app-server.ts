import { resolve } from 'node:path';
import { ConfigError, type Reader, readUrl } from './reader.ts';

/** Which app-server takes the turns; both are null for the embedded one. */
export interface AppServerSettings {
  readonly appServerCommand: readonly string[] | null;
  /** The app-server that listens already, instead of a process of ours. */
  readonly appServerUrl: string | null;
}

/** Quotes group words, as in a shell; nothing else is special. */
const splitCommand = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  );

/** The process runs in another folder than the gateway: a program that is named by its path is named by the whole of it. */
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

/** Reads which app-server it is. Throws a `ConfigError` where two are named. */
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
