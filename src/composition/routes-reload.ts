import type { Routes } from '../gateway/routes.ts';
import type { Log } from '../telemetry/log.ts';

export interface RoutesReload {
  /** The routes file, for the log. */
  readonly path: string;
  /** Reads the file. Rejects with a `RoutesError`, or another error. */
  readonly load: () => Promise<Routes>;
  /** Replaces the old routes. */
  readonly apply: (routes: Routes) => void | Promise<void>;
  readonly log: Pick<Log, 'logger'>;
}

/**
 * Makes the handler of `SIGHUP`: it reads the routes again, and keeps the old ones if the new ones are wrong. The handler
 * never rejects. Calls during a reload cause one more reload after it.
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
      // The same lines as at the start.
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
