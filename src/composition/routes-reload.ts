import type { Routes } from '../gateway/routes.ts';
import type { Log } from '../telemetry/log.ts';

export interface RoutesReload {
  /** Where the routes stand; for the log. */
  readonly path: string;
  /** Reads them again. Rejects with a `RoutesError`, or whatever else is wrong. */
  readonly load: () => Promise<Routes>;
  /** Puts them in the place of the old ones. */
  readonly apply: (routes: Routes) => void | Promise<void>;
  readonly log: Pick<Log, 'logger'>;
}

/**
 * Makes what runs on `SIGHUP`: it reads the routes again, and keeps the old ones where the new ones are wrong. Never rejects.
 * Calls that come while the file is being read are one call, once that has ended.
 */
export const createRoutesReload = ({
  path,
  load,
  apply,
  log: { logger },
}: RoutesReload): (() => Promise<void>) => {
  let running: Promise<void> | null = null;
  let isAskedAgain = false;

  const once = async (): Promise<void> => {
    try {
      const routes = await load();
      await apply(routes);
      logger.info(
        { path, backends: routes.backends.map(({ name }) => name), rules: routes.rules.length },
        'the routes were read again, and count from now on',
      );
    } catch (thrown) {
      // The same words, line for line, as at the start.
      const problems = thrown instanceof Error ? thrown.message.split('\n') : [String(thrown)];
      logger.error({ path, problems }, 'the routes cannot be used: the old ones stay');
    }
  };

  const run = async (): Promise<void> => {
    do {
      isAskedAgain = false;
      await once();
    } while (isAskedAgain);
    running = null;
  };

  return () => {
    if (running !== null) isAskedAgain = true;
    running ??= run();
    return running;
  };
};
