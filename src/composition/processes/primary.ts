import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../config/index.ts';
import { acceptConnections } from '../../http/accept.ts';
import { backgroundTimers } from '../../later.ts';
import { createLog, type Log } from '../../telemetry/log.ts';
import { serviceNameOr } from '../../telemetry/otel/service-name.ts';
import { GATEWAY_SERVICE, listenProblem, sayListening, sayReady } from '../announce.ts';
import { assertWritable } from '../files.ts';
import type { Gateway } from '../gateway.ts';
import { warnOfMistakes } from '../mistakes.ts';
import { loadRedaction } from '../redaction.ts';
import { joinFiles, writtenFiles } from '../writers.ts';
import { dispatchConnections } from './dispatch.ts';
import { forkProcess } from './fork.ts';
import { createGroup, type Group } from './group.ts';

/** How long a process may take to end once its open requests have: its backend, its exporters and its files each have a bound of their own. */
const END_MS = 25_000;
/** How long it may take where it ends at once. */
const END_AT_ONCE_MS = 3_000;

interface Running {
  readonly config: Config;
  readonly log: Log;
  readonly group: Group;
  /** Ends what the primary itself has opened. */
  readonly close: () => Promise<void>;
}

/** Resolves with whether all ended well. One that hangs is killed. */
const endAll = async (group: Group, ms: number): Promise<boolean> => {
  const cancel = backgroundTimers.later(ms, group.kill);
  const exits = await group.end();
  cancel();
  return exits.every((exit) => exit === null || exit.code === 0);
};

const createEnds = ({ config, log, group, close }: Running): Pick<Gateway, 'stop' | 'crash' | 'abandon'> => {
  let stopping: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    const { drainMs } = config.limits;
    log.logger.info(
      { processes: config.processes, drain_ms: drainMs },
      'stopping: what is open may end first; a second signal ends it at once',
    );
    const endedWell = await endAll(group, drainMs + END_MS);
    log.logger.info('stopped');
    await close();
    if (!endedWell) throw new Error('a process of the gateway failed while it was told to stop');
  };

  return {
    stop: () => (stopping ??= stop()),
    async crash(thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      log.logger.fatal({ error }, 'the gateway failed and ends');
      // They go on alone until what is open has ended.
      group.signal('SIGTERM');
      await log.close();
    },
    async abandon() {
      group.signal('SIGTERM');
      await Promise.race([endAll(group, END_AT_ONCE_MS), pause(END_AT_ONCE_MS + 500)]);
      await close();
    },
  };
};

const openLog = async (config: Config): Promise<Log> => {
  const { policy } = await loadRedaction(config);
  return createLog(config.logLevel, serviceNameOr(GATEWAY_SERVICE), policy, process.pid);
};

/**
 * The gateway as several processes: this one has the port, the places and the others' lives; they have the requests. Resolves when
 * all of them take requests; rejects when one cannot.
 */
export const startProcesses = async (
  config: Config,
  _version: string,
  signal: AbortSignal,
): Promise<Gateway> => {
  const log = await openLog(config);
  if (config.traceRequired) await assertWritable(config.mirrorPath);
  const writers = await joinFiles(writtenFiles(config));
  warnOfMistakes(config, writers.shared, log);
  const dispatch = dispatchConnections();
  const acceptor = await acceptConnections(config.host, config.port, dispatch.accept).catch(
    async (thrown: unknown) => {
      await Promise.allSettled([writers.leave(), log.close()]);
      throw new Error(listenProblem(config, thrown), { cause: thrown });
    },
  );
  const { url } = acceptor;
  const group = createGroup({ config, url, dispatch, log, fork: forkProcess });
  const close = async (): Promise<void> => {
    acceptor.close();
    dispatch.close();
    await Promise.allSettled([writers.leave(), log.close()]);
  };
  const stopAtStart = Promise.withResolvers<never>();
  const onAbort = (): void => stopAtStart.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([group.listening, stopAtStart.promise]);
  } catch (thrown) {
    await endAll(group, END_MS);
    await close();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  sayListening(log, url);
  const started = group.ready.then((fields) =>
    sayReady(log, url, { ...fields, processes: config.processes }),
  );
  const reload = async (): Promise<void> => group.signal('SIGHUP');
  const ends = createEnds({ config, log, group, close });
  return { url, started, broken: group.broken, reload, ...ends };
};
